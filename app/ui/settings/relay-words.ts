import { holdsEverything, type RelayFacts, type WaitReason } from '#app/sync/status.ts'
import { msg } from '#app/ui/i18n.ts'

/** What is said of one relay: a message id and what it counts; `since` is put in words by whoever shows it. */
export interface RelayTold {
  readonly id: string
  readonly count: number
  /** Epoch ms; null where it never answered. */
  readonly since: number | null
}

const reasons: Readonly<Record<WaitReason, string>> = {
  'relay-not-reached': msg('relays.not-reached'),
  'relay-full': msg('relays.full'),
  'relay-paused': msg('relays.paused'),
  'relay-restoring': msg('relays.restoring'),
  'relay-refused': msg('relays.refused'),
  'relay-newer': msg('relays.newer'),
  'entry-refused': msg('relays.entry'),
  'not-allowed-by-page': msg('relays.not-allowed'),
  'device-clock': msg('relays.clock')
}

const waits = msg('relays.waits')
const words = {
  whole: msg('relays.whole'),
  connecting: msg('relays.connecting'),
  restoring: msg('relays.restoring'),
  since: msg('relays.not-reached-since'),
  never: msg('relays.never-reached'),
  erased: msg('relays.erased')
} as const

const idOf = (relay: RelayFacts, isOneOfSeveral: boolean): string | null => {
  const { status, reached, lastAck } = relay
  if (holdsEverything(relay)) return words.whole
  switch (status.kind) {
    case 'off':
      return null
    case 'erased':
      return words.erased
    case 'connecting':
      return words.connecting
    case 'waiting':
      if (status.why !== 'relay-not-reached') return reasons[status.why]
      if (reached !== null) return words.since
      // When a relay last answered is noted where there are several.
      return isOneOfSeveral && lastAck === null ? words.never : reasons[status.why]
    case 'live':
      return status.waiting > 0 ? waits : words.restoring
  }
}

/** @returns null where nothing is said: nothing was kept yet. */
export const tellRelay = (relay: RelayFacts, isOneOfSeveral: boolean): RelayTold | null => {
  const id = idOf(relay, isOneOfSeveral)
  const { status, reached } = relay
  return id === null ? null : { id, count: 'waiting' in status ? status.waiting : 0, since: reached }
}

/** Another address of the same relay, or one over the same store, further up in the list: the two count as one. */
export const twinOf = ({ relay, key }: RelayFacts, relays: readonly RelayFacts[]): string | null => {
  const first = key === null ? undefined : relays.find((each) => each.key === key)
  return first === undefined || first.relay === relay ? null : first.relay
}
