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
  erased: msg('relays.erased')
} as const

const idOf = (relay: RelayFacts): string | null => {
  const { status, reached } = relay
  if (holdsEverything(relay)) return words.whole
  switch (status.kind) {
    case 'off':
      return null
    case 'erased':
      return words.erased
    case 'connecting':
      return reached === null ? words.connecting : words.since
    case 'waiting':
      return status.why === 'relay-not-reached' && reached !== null ? words.since : reasons[status.why]
    case 'live':
      return status.waiting > 0 ? waits : words.restoring
  }
}

/** @returns null where nothing is said: nothing was kept yet. */
export const tellRelay = (relay: RelayFacts): RelayTold | null => {
  const id = idOf(relay)
  const { status, reached } = relay
  return id === null ? null : { id, count: 'waiting' in status ? status.waiting : 0, since: reached }
}
