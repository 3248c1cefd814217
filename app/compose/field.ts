import type { FieldFacts } from '#app/domain/field/facts.ts'
import type { Shelf } from '#app/store/ports.ts'
import { chosenAddresses } from '#app/sync/address.ts'
import type { Sitting } from '#app/ui/breathe/sitting.ts'
import { createCell } from '#app/ui/parts/live.ts'
import type { FieldPort } from '#app/ui/ports.ts'
import type { World } from '#app/ui/world.ts'
import type { FieldRoom } from './field-room.ts'
import { after, moment, mono, randomId } from './page.ts'
import { relaySettingOf } from './relay-setting.ts'

interface FieldParts {
  readonly profile: string
  readonly shelf: Pick<Shelf, 'get' | 'put'>
  readonly store: Pick<World['store'], 'settings' | 'relays' | 'dispatch'>
  readonly sitting: Pick<Sitting, 'get' | 'subscribe'>
  readonly sync: Pick<World['sync'], 'get' | 'subscribe'>
  /** The page's own origin. */
  readonly page: string
}

/** How far this browser has claimed seconds of the field. Without it a reload could be counted twice for a moment. */
const createClaimed = (name: string) => {
  let last = 0
  return {
    until: (): number => {
      try {
        return Math.max(last, Number(localStorage.getItem(name)) || 0)
      } catch {
        return last
      }
    },
    keep: (until: number): void => {
      last = until
      try {
        localStorage.setItem(name, String(until))
      } catch {
        // Storage may be forbidden: then it lasts as long as the page.
      }
    }
  }
}

/** The field before its chunk has loaded: it comes when somebody looks, or is to be counted. */
export const createFieldPort = (parts: FieldParts): FieldPort => {
  const { profile, shelf, store, sitting, sync, page } = parts
  const { settings } = store
  const relaySetting = relaySettingOf(store, page)
  const facts = createCell<FieldFacts>({ link: 'connecting', counts: null, counted: false })
  const lookers = new Set<() => void>()
  let loading: Promise<FieldRoom> | null = null
  let room: FieldRoom | null = null

  const relay = (present: string | null): string | null => {
    const chosen = chosenAddresses({ page, relaySetting }).relays.map(({ url }) => new URL(url).origin)
    const { live } = sync.get()
    return [present, live].find((each) => each !== null && chosen.includes(each)) ?? chosen[0] ?? null
  }

  const load = async (): Promise<FieldRoom> => {
    const [{ createFieldRoom }, { createOpenRoom }] = await Promise.all([
      import('./field-room.ts'),
      import('#app/sync/open-room.ts')
    ])
    const made = createFieldRoom({
      openRoom: createOpenRoom,
      shelf,
      relay,
      now: Date.now,
      offsetMinutes: () => moment().offsetMinutes,
      mono,
      setTimer: after,
      newId: randomId,
      claimed: createClaimed(`council-${profile}-field-claimed`)
    })
    made.subscribe(() => facts.set(made.get()))
    room = made
    return made
  }

  const isPractising = (): boolean => settings.get().countMe && sitting.get().kind === 'running'

  const settle = (): void => {
    if (room !== null) {
      room.practise(isPractising())
      room.look(lookers.size > 0)
      return
    }
    if (loading !== null || (lookers.size === 0 && !isPractising())) return
    loading = load()
    loading.then(settle, () => {
      // Tried again when somebody looks or practises next.
      loading = null
    })
  }

  sitting.subscribe(settle)
  settings.subscribe(settle)
  relaySetting.subscribe(settle)
  sync.subscribe(settle)
  addEventListener('pagehide', () => room?.practise(false))
  addEventListener('pageshow', settle)

  return {
    get: facts.get,
    subscribe: (changed) => {
      const looker = () => changed()
      lookers.add(looker)
      const stop = facts.subscribe(looker)
      settle()
      return () => {
        stop()
        lookers.delete(looker)
        settle()
      }
    }
  }
}
