import fc from 'fast-check'
import { anyBytes, anySeq, anyUint, someBytes } from './codec.arbitrary.ts'
import type { SnapshotChunk } from './frames.ts'

export const anyChunk: fc.Arbitrary<SnapshotChunk> = fc
  .record({ from: anySeq, to: anySeq, hashTo: anyBytes(16), index: anyUint, count: anyUint, chunk: someBytes(80) })
  .filter(({ from, to, index, count }) => from >= 1 && from <= to && index < count)
