import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { decodeErasureProof, type ErasureProof, encodeErasureProof } from '#core/certificate.ts'
import { StoreRefusal } from './open-database.ts'

/**
 * Erasures, one line each (milliseconds, space, proof in base64url), only ever appended, beside the database: whoever
 * puts an older database back leaves this file, and what was erased stays erased.
 */
export interface Ledger {
  /** On the disk when it returns. */
  append(proof: ErasureProof, erasedAt: number): void
  close(): void
}

export interface LedgerLine {
  readonly proof: ErasureProof
  readonly erasedAt: number
}

const formatLine = ({ proof, erasedAt }: LedgerLine): string =>
  `${erasedAt} ${Buffer.from(encodeErasureProof(proof)).toString('base64url')}\n`

const parseLine = (path: string, line: string, index: number): LedgerLine => {
  const [at = '', encoded = ''] = line.split(' ')
  const proof = decodeErasureProof(new Uint8Array(Buffer.from(encoded, 'base64url')))
  if (!/^\d+$/.test(at) || !proof.ok) throw new StoreRefusal(`line ${index + 1} of ${path} is damaged`)
  return { proof: proof.value, erasedAt: Number(at) }
}

const syncDirectory = (path: string): void => {
  const directory = openSync(dirname(path), 'r')
  fsyncSync(directory)
  closeSync(directory)
}

/** @throws StoreRefusal for a damaged line: going on would bring an erasure back. */
export const openLedger = (path: string): { readonly ledger: Ledger; readonly lines: readonly LedgerLine[] } => {
  const existed = existsSync(path)
  const text = existed ? readFileSync(path, 'utf8') : ''
  // A line without its end was cut by a crash before anybody was told of it.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  const lines = whole
    .split('\n')
    .slice(0, -1)
    .map((line, index) => parseLine(path, line, index))
  const file = openSync(path, existed ? 'r+' : 'w+', 0o600)
  let end = Buffer.byteLength(whole)
  ftruncateSync(file, end)
  fsyncSync(file)
  if (!existed) syncDirectory(path)
  const ledger: Ledger = {
    append(proof, erasedAt) {
      const line = Buffer.from(formatLine({ proof, erasedAt }))
      try {
        for (let done = 0; done < line.byteLength; )
          done += writeSync(file, line, done, line.byteLength - done, end + done)
        fsyncSync(file)
      } catch (cause) {
        // A torn line (full disk) must not stand before the next one.
        ftruncateSync(file, end)
        throw cause
      }
      end += line.byteLength
    },
    close: () => closeSync(file)
  }
  return { ledger, lines }
}
