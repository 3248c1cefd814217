import { SNAPSHOT_MIN_TAIL_BYTES } from '#core/limits.ts'
import type { World } from './world.ts'

/** A device that just pushed this much more than the bound has not had its turn to compact; after a rest it had. */
const SLACK_BYTES = 4_000

const sizeOf = (rows: readonly { readonly bytes: Uint8Array | undefined }[]): number =>
  rows.reduce((sum, { bytes }) => sum + (bytes?.byteLength ?? 0), 0)

/** [WO6] At rest a shard holds one snapshot and a tail that is not worth a new one, whatever was written and deleted before. */
export const judgeBytes = (world: World): void => {
  for (const { shards } of world.disk.bytes().roots.values()) {
    for (const { rows, snapshot } of shards.values()) {
      const tail = sizeOf(rows.slice(snapshot?.to ?? 0))
      const kept = snapshot?.bytes.byteLength ?? 0
      if (tail > Math.max(SNAPSHOT_MIN_TAIL_BYTES, 2 * kept) + SLACK_BYTES) {
        world.fail('WO6', `a tail of ${tail} bytes lies behind a snapshot of ${kept}`)
      }
      const buried = sizeOf(rows.slice(0, snapshot?.to ?? 0))
      if (buried > 0) world.fail('WO6', `${buried} bytes outlived the graveyard`)
    }
  }
}
