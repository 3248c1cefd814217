import type { Result } from '#core/result.ts'
import type { Merger, UpdateFacts } from '#server/rooms/open-ports.ts'
import { readUpdate } from '#server/rooms/yjs.ts'

export const factsOf = async (
  merger: Merger,
  update: Uint8Array,
  inlineBytes: number
): Promise<Result<UpdateFacts, 'undecodable'>> =>
  update.byteLength <= inlineBytes ? readUpdate(update) : merger.inspect(update)
