import type * as Y from 'yjs'
import { createMemoryLog, type MemoryDatabase } from '#app/log/memory.ts'
import type { DocPath, RelayName } from '#app/store/ports.ts'
import type { Dial } from '#app/sync/ports.ts'
import type { SyncFacts } from '#app/sync/status.ts'
import type { Keyholder } from '#app/vault/ports.ts'
import { createClock, type TestClock } from '#testing/clock.ts'
import type { Random } from '#testing/random.ts'
import type { Scheduler } from '#testing/scheduler.ts'
import type { Wire } from '#testing/wire.ts'
import { createBeginningAnew } from './beginning-anew.ts'
import { docOf } from './contents.ts'
import type { Count } from './counts.ts'
import type { Held } from './held.ts'
import { createLeading, type Session } from './leading.ts'
import type { Badge, Party } from './oracle.ts'
import { createPower } from './power.ts'
import { createTab, type Tab } from './tab.ts'
import type { Weather } from './weather.ts'

/** One profile in one browser: a database, its tabs, one of which leads. */
export interface Device extends Party {
  readonly clock: TestClock
  readonly bytesPerMs: number
  readonly tabs: () => readonly Tab[]
  readonly database: MemoryDatabase
  openTab(): Promise<void>
  /** What the leading tab shows; undefined while none leads. */
  facts(): SyncFacts | undefined
  badge(): Badge
  leader(): Tab | undefined
  sleep(): void
  wake(): void
  isAwake(): boolean
  /** The battery is empty; the machine starts again at once. */
  losePower(): Promise<void>
  setOnline(online: boolean): void
  isOnline(): boolean
  /** The person erases everything everywhere; the same phrase then keeps a new journal. */
  eraseEverywhere(): Promise<void>
  /** Never heard of again. */
  vanish(): void
  isGone(): boolean
  incarnation(): number
  keyholder(): Keyholder | undefined
  /** It found out that it is a copy, and took a new key. */
  renewed(keyholder: Keyholder): void
  wires(): readonly Wire[]
  retry(): void
  /** The person leaves the page for a moment: what waits is sent. */
  hide(): void
}

export interface DeviceParts {
  readonly name: string
  readonly scheduler: Scheduler
  readonly random: Random
  readonly crypto: Crypto
  readonly database: MemoryDatabase
  readonly held: Held
  readonly weather: () => Weather
  readonly relay: RelayName
  readonly paths: readonly DocPath[]
  readonly words: readonly string[]
  readonly count: Count
  readonly problem: (what: string) => void
  readonly watch: (keyholder: Keyholder, name: string) => Keyholder
  readonly process: () => number
  readonly dialFrom: (device: Device, tab: Tab) => Dial
  readonly startSession: (
    device: Device,
    tab: Tab,
    keyholder: Keyholder,
    wired: (wire: Wire) => void,
    ended: () => void
  ) => Session
}

/** A leader that is silent so long has lost its place (the lock's beat in the app). */
const TAKE_OVER_MS = 10_000
const DECIDE_MS = 3_000

export const createDevice = (parts: DeviceParts): Device => {
  const { name, scheduler, random, count } = parts
  const clock = createClock(scheduler, random.between(-120_000, 120_000), 1 + random.between(-50, 50) / 1e6)
  let tabs: Tab[] = []
  let keyholder: Keyholder | undefined
  let state: 'awake' | 'asleep' | 'gone' = 'awake'
  let online = true
  let opened = 0
  let wires: { readonly wire: Wire; readonly process: number; readonly tab: Tab }[] = []
  const power = createPower(parts.database)

  const openWires = () => wires.filter(({ wire }) => wire.open())

  const killed = (tab: Tab): void => {
    tabs = tabs.filter((each) => each !== tab)
    if (leading.led()?.tab === tab) anew.broken()
    for (const each of openWires()) if (each.tab === tab) each.wire.cut()
    leading.forget(tab)
    if (state !== 'gone') scheduler.after(random.between(100, TAKE_OVER_MS), '', leading.elect)
  }

  const leading = createLeading({
    name,
    scheduler,
    candidates: () => (state === 'awake' && !anew.isUnderWay() ? tabs : []),
    watch: parts.watch,
    start(tab, holder, ended) {
      keyholder = holder
      const wired = (wire: Wire): void => {
        wires = [...openWires(), { wire, process: parts.process(), tab }]
      }
      return parts.startSession(device, tab, holder, wired, ended)
    }
  })

  const takeKeys = async (tab: Tab): Promise<boolean> => {
    const current = await tab.vault.current()
    if (current.ok) return true
    const considered = await tab.vault.consider(parts.words, 0)
    return considered.ok && (await tab.vault.adopt(considered.value)).ok
  }

  const openTab = async (): Promise<void> => {
    if (state !== 'awake' || anew.isUnderWay()) return
    const tab = createTab({ ...parts, power, name: `${name}${++opened}`, killed })
    tabs = [...tabs, tab]
    if (!(await takeKeys(tab)) || tab.gate.state() === 'dead') return tab.kill()
    for (const path of parts.paths) await tab.documents.open(path)
    await leading.elect()
  }

  const anew = createBeginningAnew({
    ...parts,
    led: leading.led,
    tabs: () => tabs,
    openTab,
    dial: (tab) => parts.dialFrom(device, tab)
  })

  const follow = (): void => {
    if (state === 'gone') return
    scheduler.after(DECIDE_MS, '', follow)
    if (state !== 'awake') return
    void anew.hear()
    leading.beat()
    if (tabs.length === 0) void openTab()
    else void leading.elect()
  }

  const device: Device = {
    name,
    clock,
    // Fibre, a good train, a bad train: a snapshot can be under way for many seconds while others write on.
    bytesPerMs: random.pick([10_000, 100, 6]),
    database: parts.database,
    tabs: () => tabs,
    openTab,
    leader: () => leading.led()?.tab,
    facts: () => leading.led()?.session.facts(),
    held: () => parts.held,
    root: () => {
      if (!keyholder) throw new Error(`${name} has no keys`)
      return keyholder.root
    },
    incarnation: () => keyholder?.incarnation ?? 0,
    keyholder: () => keyholder,
    renewed: (next) => {
      keyholder = next
    },
    shardOf: (path) => {
      if (!keyholder) throw new Error(`${name} has no keys`)
      return keyholder.shard(path)
    },
    load: async (path): Promise<Y.Doc> => {
      const handle = createMemoryLog({ database: parts.database })
      const loaded = await handle.load(path)
      await handle.close()
      if (!loaded.ok) throw new Error(`${name} cannot read ${path}`)
      const { base, rows } = loaded.value
      return docOf(...(base ? [base] : []), ...rows.map(({ update }) => update))
    },
    badge: () => ({
      party: device,
      says: () => {
        const led = leading.led()
        const status = led?.tab.gate.state() === 'open' ? led.session.facts().status : undefined
        if (status?.kind !== 'live' || status.waiting > 0) return 'this-device'
        const isConnected = openWires().some(({ process, tab }) => tab === led?.tab && process === parts.process())
        return isConnected ? status.safety : 'this-device'
      }
    }),
    losePower: async () => {
      if (state !== 'awake' || anew.isUnderWay()) return
      count('power cut')
      scheduler.note(`${name} loses power`)
      for (const tab of tabs) tab.kill()
      power.cut()
      const left = await Promise.all(parts.paths.map(async (path) => [path, await device.load(path)] as const))
      parts.held.isNow(new Map(left))
    },
    sleep: () => {
      if (state !== 'awake') return
      state = 'asleep'
      scheduler.note(`${name} sleeps`)
      for (const tab of tabs) tab.gate.freeze()
      for (const { wire } of openWires()) wire.cut()
    },
    wake: () => {
      if (state !== 'asleep') return
      state = 'awake'
      scheduler.note(`${name} wakes`)
      for (const tab of tabs) tab.gate.thaw()
    },
    isAwake: () => state === 'awake',
    setOnline: (next) => {
      if (online === next) return
      online = next
      scheduler.note(`${name} is ${next ? 'online' : 'offline'}`)
      if (!next) for (const { wire } of openWires()) wire.cut()
    },
    isOnline: () => online,
    eraseEverywhere: anew.eraseEverywhere,
    vanish: () => {
      scheduler.note(`${name} vanishes`)
      state = 'gone'
      for (const tab of tabs) tab.kill()
    },
    isGone: () => state === 'gone',
    wires: () => openWires().map(({ wire }) => wire),
    retry: () => leading.led()?.session.retry(),
    hide: () => leading.led()?.session.hide()
  }
  scheduler.after(DECIDE_MS, '', follow)
  return device
}
