import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { encodingVectors, keyVectors } from './basics.ts'
import { entryVectors, ephemeralVectors, fileVectors, snapshotVectors } from './entries.ts'
import { frameVectors } from './frames.ts'
import { authVectors, certificateVectors, chainVectors, erasureVectors } from './proofs.ts'

export const VECTORS_FOLDER = resolve(import.meta.dirname, '../../docs/spec/vectors')

/** Every vector file by name. Byte strings in lower-case hexadecimal. */
export const buildVectors = (): Readonly<Record<string, unknown>> => ({
  'encoding.json': encodingVectors(),
  'keys.json': keyVectors(),
  'certificates.json': certificateVectors(),
  'auth.json': authVectors(),
  'chain.json': chainVectors(),
  'entry.json': entryVectors(),
  'snapshot.json': snapshotVectors(),
  'ephemeral.json': ephemeralVectors(),
  'file.json': fileVectors(),
  'erasure.json': erasureVectors(),
  'frames.json': frameVectors()
})

/** `node scripts/vectors/write.ts` writes docs/spec/vectors anew. A change of them is a change of the protocol. */
if (import.meta.main) {
  mkdirSync(VECTORS_FOLDER, { recursive: true })
  for (const [name, content] of Object.entries(buildVectors())) {
    writeFileSync(join(VECTORS_FOLDER, name), `${JSON.stringify(content, null, 2)}\n`)
  }
}
