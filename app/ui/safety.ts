import {
  countRelays,
  holdsEverything,
  type RelayFacts,
  type SafetyLevel,
  type SyncFacts,
  type WaitReason
} from '#app/sync/status.ts'
import { msg } from './i18n.ts'
import type { KeepState } from './ports.ts'

/** How the person's light burns. */
export type Flame = 'steady' | 'waiting' | 'trouble'

/** What is said about where things are: message ids and their values. Never more than what was acknowledged. */
export interface Told {
  readonly flame: Flame
  readonly where: { readonly id: string; readonly values?: Record<string, unknown> }
  /** Why something waits and what to do; null when nothing is amiss. */
  readonly why: string | null
}

const reasons: Readonly<Record<WaitReason, string>> = {
  'relay-not-reached': msg('safety.why.not-reached'),
  'relay-full': msg('safety.why.full'),
  'relay-paused': msg('safety.why.paused'),
  'relay-restoring': msg('safety.why.restoring'),
  'relay-refused': msg('safety.why.refused'),
  'relay-newer': msg('safety.why.newer'),
  'entry-refused': msg('safety.why.entry'),
  'not-allowed-by-page': msg('relay.problem.not-allowed-by-page'),
  'device-clock': msg('safety.why.clock')
}

const levels = {
  'this-device': msg('safety.on-device'),
  relay: msg('safety.on-relay'),
  replica: msg('safety.on-replica'),
  'other-device': msg('safety.on-other')
} as const

const offReasons = {
  'no-relay': msg('safety.why.no-relay'),
  'insecure-context': msg('safety.why.insecure'),
  'nothing-kept-yet': null
} as const

/** On several relays: how many of them have everything. */
const some = {
  all: msg('safety.on-relays'),
  'all-other': msg('safety.on-relays-other'),
  some: msg('safety.on-some'),
  'some-other': msg('safety.on-some-other')
} as const

const tellSeveral = (relays: readonly RelayFacts[], of: number, safety: SafetyLevel): Told => {
  const held = countRelays(relays.filter(holdsEverything))
  const isAll = held === of
  const id = some[`${isAll ? 'all' : 'some'}${safety === 'other-device' ? '-other' : ''}`]
  return {
    flame: isAll ? 'steady' : 'waiting',
    where: { id, values: { held, of } },
    why: isAll ? null : msg('safety.why.some')
  }
}

const tellWaiting = (waiting: number, why: string | null, isSeveral: boolean): Told => {
  const waits = isSeveral ? msg('safety.waiting-several') : msg('safety.waiting')
  const where = waiting === 0 ? { id: msg('safety.none-waiting') } : { id: waits, values: { count: waiting } }
  return { flame: 'waiting', where, why }
}

const isAway = ({ status }: RelayFacts): boolean => status.kind === 'waiting' && status.why === 'relay-not-reached'

const whyWaiting = (why: WaitReason, relays: readonly RelayFacts[]): string =>
  relays.length > 1 && relays.every(isAway) ? msg('safety.why.none-reached') : reasons[why]

const tellSync = ({ status, relays }: SyncFacts): Told => {
  const of = countRelays(relays)
  if (status.kind === 'live' && status.waiting === 0 && status.safety !== 'this-device' && of > 1)
    return tellSeveral(relays, of, status.safety)
  switch (status.kind) {
    case 'off':
      return { flame: 'steady', where: { id: levels['this-device'] }, why: offReasons[status.why] }
    case 'connecting':
      return tellWaiting(status.waiting, null, of > 1)
    case 'waiting':
      return tellWaiting(status.waiting, whyWaiting(status.why, relays), of > 1)
    case 'live':
      return status.waiting > 0
        ? tellWaiting(status.waiting, null, of > 1)
        : { flame: 'steady', where: { id: levels[status.safety] }, why: null }
    case 'erased':
      return { flame: 'trouble', where: { id: msg('safety.erased') }, why: msg('safety.why.erased') }
  }
}

const troubles: Readonly<Partial<Record<KeepState['kind'], string>>> = {
  quota: msg('keep.quota.short'),
  'cannot-keep': msg('keep.cannot.short'),
  'newer-store': msg('keep.newer.short'),
  'blocked-by-other-tab': msg('keep.blocked.short')
}

/** The local disk speaks first: what is not on this device is not safe anywhere. */
export const tellSafety = (keep: KeepState, unsaved: number, facts: SyncFacts): Told => {
  const trouble = troubles[keep.kind]
  if (trouble !== undefined) return { flame: 'trouble', where: { id: trouble }, why: null }
  if (unsaved > 0)
    return { flame: 'trouble', where: { id: msg('safety.unsaved'), values: { count: unsaved } }, why: null }
  return tellSync(facts)
}
