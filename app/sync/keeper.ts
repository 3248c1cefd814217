import type { DocPath } from '#app/store/ports.ts'
import type { Keyholder, Vault } from '#app/vault/ports.ts'
import { mayDial, parseRelayAddress, type RelayAddress } from './address.ts'
import { DEVICE_KEY } from './bench.ts'
import { type Cell, createCell } from './cell.ts'
import { factsOf } from './facts.ts'
import type { ClockSample } from './ports.ts'
import { createRunner, type Runner } from './runner.ts'
import type { SyncFacts, SyncStatus } from './status.ts'
import type { SyncParts } from './sync-parts.ts'

/** Keeps one session running where there should be one: this tab leads, a relay is set, there are keys, nobody holds it back. */
export interface Keeper {
  readonly facts: Cell<SyncFacts>
  runner(): Runner | undefined
  address(): RelayAddress | undefined
  /** Looks again at what should run. */
  refresh(): Promise<void>
  /** Stops, and starts nothing until `release`. */
  hold(): Promise<void>
  release(): Promise<void>
  close(): Promise<void>
}

export const OFF = (
  why: Extract<SyncStatus, { readonly kind: 'off' }>['why'],
  relay: string | null = null
): SyncFacts => ({
  status: { kind: 'off', why },
  relay,
  lastAck: null,
  spokenByAnotherTab: false,
  otherDevices: null,
  notices: []
})

/** '' is the relay that served the page; 'none' keeps everything here. */
export const addressOf = (parts: Pick<SyncParts, 'page' | 'relaySetting'>): RelayAddress | undefined => {
  const setting = parts.relaySetting.get()
  if (setting === 'none') return undefined
  const address = parseRelayAddress(setting === '' ? parts.page : setting, parts.page)
  return address.ok && mayDial(address.value, parts.page) ? address.value : undefined
}

interface Running {
  readonly runner: Runner
  readonly root: string
  readonly url: string
  readonly end: () => Promise<void>
}

export const createKeeper = (parts: SyncParts, onSample: (sample: ClockSample) => void): Keeper => {
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

  const start = (keyholder: Keyholder, vault: Vault, address: RelayAddress): Running => {
    const runner = createRunner({
      ...parts,
      relay: address.name,
      docLog: parts.log,
      shelf: parts.log,
      keyholder,
      vault,
      dial: (_, on) => parts.dial(address.url, on),
      documents: async () => withLocal(parts),
      onSample
    })
    const show = (): void => facts.set(factsOf(runner.state(), address.name))
    const forget = [runner.subscribe(show), parts.documents.subscribe(runner.documentsChanged)]
    runner.start()
    show()
    return {
      runner,
      root: keyholder.root,
      url: address.url,
      end: async () => {
        for (const each of forget) each()
        await runner.stop()
      }
    }
  }

  const look = async (): Promise<void> => {
    const address = addressOf(parts)
    if (closed || held || parts.leadership.state() !== 'leading') return stop()
    if (address === undefined) {
      await stop()
      return facts.set(OFF('no-relay'))
    }
    // A first visit that only breathes loads no keys.
    if (running === undefined && !adopted && !(await hasContent(parts)) && !(await hasRun(parts)))
      return facts.set(OFF('nothing-kept-yet', address.name))
    const vault = await parts.vault()
    const keyholder = await keysFor(vault)
    if (keyholder === undefined) {
      await stop()
      return facts.set(OFF('nothing-kept-yet', address.name))
    }
    if (running?.root === keyholder.root && running.url === address.url) return
    await stop()
    running = start(keyholder, vault, address)
  }

  return {
    facts,
    runner: () => running?.runner,
    address: () => addressOf(parts),
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
