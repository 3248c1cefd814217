import type { DocPath } from '#app/store/ports.ts'
import type { Keyholder, Vault } from '#app/vault/ports.ts'
import { chosenAddresses, type RelayAddress } from './address.ts'
import { DEVICE_KEY } from './bench.ts'
import { type Cell, createCell } from './cell.ts'
import { OFF } from './facts.ts'
import { leaveRelays } from './leave-relay.ts'
import type { ClockSample } from './ports.ts'
import { createSessions, type Sessions } from './sessions.ts'
import { createSettling } from './settle-brought.ts'
import type { RelayFacts, SyncFacts } from './status.ts'
import type { SyncParts } from './sync-parts.ts'

/** Keeps sessions running where there should be: this tab leads, relays are chosen, there are keys, nobody holds it back. */
export interface Keeper {
  readonly facts: Cell<SyncFacts>
  sessions(): Sessions | undefined
  /** Those that this page may dial. */
  addresses(): readonly RelayAddress[]
  /** Looks again at what should run. */
  refresh(): Promise<void>
  /** Stops, and starts nothing until `release`. */
  hold(): Promise<void>
  release(): Promise<void>
  close(): Promise<void>
}

interface Running {
  readonly sessions: Sessions
  readonly root: string
  readonly urls: string
  readonly end: () => Promise<void>
}

const urlsOf = (relays: readonly RelayAddress[]): string => relays.map(({ url }) => url).join(' ')

/** Chosen on another device, and not to be had from here: said, so that nobody waits for it. */
const refusedFacts = (relay: string): RelayFacts => ({
  relay,
  status: { kind: 'waiting', waiting: 0, why: 'not-allowed-by-page', until: null },
  lastAck: null,
  reached: null,
  key: null
})

export const createKeeper = (parts: SyncParts, onSample: (sample: ClockSample, fresh: boolean) => void): Keeper => {
  const facts = createCell<SyncFacts>(OFF('nothing-kept-yet'))
  let running: Running | undefined
  let held = false
  let closed = false
  let adopted = false
  let turn: Promise<void> = Promise.resolve()

  /** Starting and stopping happen one after the other. */
  const inTurn = (run: () => Promise<void>): Promise<void> => {
    turn = turn.then(run).catch((error: unknown) => parts.report(`sync: ${String(error)}`))
    return turn
  }

  const stop = async (): Promise<void> => {
    const ending = running
    running = undefined
    await ending?.end()
    const { status } = facts.get()
    // What the session said last is not so for whatever comes after it: other keys, other documents.
    if (ending !== undefined && (status.kind === 'live' || status.kind === 'waiting'))
      facts.set({ ...facts.get(), status: { kind: 'connecting', waiting: status.waiting } })
  }

  /** Keys are made when there is something to keep, not before. */
  const keysFor = async (vault: Vault): Promise<Keyholder | undefined> => {
    const current = await vault.current()
    if (current.ok) return current.value
    if (current.error.kind !== 'no-keys' || !(await hasContent(parts))) return undefined
    const made = await vault.create()
    return made.ok ? made.value : undefined
  }

  const start = (keyholder: Keyholder, vault: Vault, relays: readonly RelayAddress[]): Running => {
    const sessions: Sessions = createSessions({
      relays,
      portsFor: (address, shared) => ({
        ...parts,
        ...shared,
        relay: address.name,
        docLog: parts.log,
        shelf: parts.log,
        keyholder,
        vault,
        dial: (_, on) => parts.dial(address.url, on),
        maySeal: createSettling(parts, keyholder.root, address.name, () => sessions.urgent()),
        documents: async () => withLocal(parts)
      }),
      onSample,
      changed: () => show()
    })
    const show = (): void => facts.set(withRefused(sessions.facts()))
    const forget = parts.documents.subscribe(sessions.documentsChanged)
    const forgetPolicy = parts.refusedByPage?.subscribe(show)
    sessions.start()
    show()
    return {
      sessions,
      root: keyholder.root,
      urls: urlsOf(relays),
      end: async () => {
        forget()
        forgetPolicy?.()
        await sessions.stop()
      }
    }
  }

  /** What the page's policy keeps from being dialled looks like a relay that is away, unless it is said. */
  const withRefused = (shown: SyncFacts): SyncFacts => {
    const refused = new Set(parts.refusedByPage?.get() ?? [])
    const relays = shown.relays.map((each) =>
      refused.has(each.relay) && each.status.kind !== 'live' ? refusedFacts(each.relay) : each
    )
    const others = chosenAddresses(parts).refused.map(({ name }) => refusedFacts(name))
    if (others.length === 0 && refused.size === 0) return shown
    const status =
      relays.length === 1 && relays[0] !== undefined && shown.status.kind !== 'live' ? relays[0].status : shown.status
    return { ...shown, status, relays: [...relays, ...others] }
  }

  const look = async (): Promise<void> => {
    const { relays, refused } = chosenAddresses(parts)
    const names = relays.map(({ name }) => name)
    if (closed || held || parts.leadership.state() !== 'leading') return stop()
    if (relays.length === 0) {
      await stop()
      return facts.set({ ...OFF('no-relay'), relays: refused.map(({ name }) => refusedFacts(name)) })
    }
    // A first visit that only breathes loads no keys.
    if (running === undefined && !adopted && !(await hasContent(parts)) && !(await hasRun(parts)))
      return facts.set(OFF('nothing-kept-yet', names))
    const vault = await parts.vault()
    const keyholder = await keysFor(vault)
    if (keyholder === undefined) {
      await stop()
      return facts.set(OFF('nothing-kept-yet', names))
    }
    if (running?.root === keyholder.root && running.urls === urlsOf(relays)) return
    await stop()
    await leaveRelays(parts.log, await withLocal(parts), names, keyholder.device)
    running = start(keyholder, vault, relays)
  }

  return {
    facts,
    sessions: () => running?.sessions,
    addresses: () => chosenAddresses(parts).relays,
    refresh: () => inTurn(look),
    hold: () => {
      held = true
      return inTurn(stop)
    },
    release: () => {
      held = false
      // Keys may have been exchanged meanwhile.
      adopted = true
      return inTurn(look)
    },
    close: () => {
      closed = true
      return inTurn(stop)
    }
  }
}

export const hasContent = async ({ log }: Pick<SyncParts, 'log'>): Promise<boolean> => {
  const docs = await log.documents()
  return docs.ok && docs.value.length > 0
}

/** Set when a phrase was taken over: its keys are worth starting although nothing was written here yet. */
export const ADOPTED_KEY = 'sync/adopted'

const hasRun = async ({ log }: Pick<SyncParts, 'log'>): Promise<boolean> => {
  const [adopted, device] = await Promise.all([log.get(ADOPTED_KEY), log.get(DEVICE_KEY)])
  return (adopted.ok && adopted.value !== undefined) || (device.ok && device.value !== undefined)
}

const withLocal = async (parts: SyncParts): Promise<readonly DocPath[]> => {
  const local = await parts.log.documents()
  return [...new Set([...parts.documents.get(), ...(local.ok ? local.value : [])])]
}
