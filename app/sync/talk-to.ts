import type { TalkPorts } from './converse.ts'
import type { SyncParts } from './sync-parts.ts'

/** A short talk goes to an address, whatever the relay is named. */
export const talkTo = (
  { dial, setTimer }: Pick<SyncParts, 'dial' | 'setTimer'>,
  { url }: { readonly url: string }
): TalkPorts => ({ dial: (_, on) => dial(url, on), setTimer })
