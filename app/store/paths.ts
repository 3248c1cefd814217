import type { DocPath } from './ports.ts'

export const KEYRING_PATH = 'keyring' as DocPath
export const LIBRARY_PATH = 'library' as DocPath

/** One shard a year; an erased year is begun again under the next incarnation. */
export const journalPath = (year: number, incarnation: number): DocPath => `journal/${year}/${incarnation}` as DocPath

export type DocKind =
  | { readonly kind: 'keyring' }
  | { readonly kind: 'library' }
  | { readonly kind: 'journal'; readonly year: number; readonly incarnation: number }

/** @returns null for a document of a later version. */
export const parsePath = (path: string): DocKind | null => {
  if (path === KEYRING_PATH) return { kind: 'keyring' }
  if (path === LIBRARY_PATH) return { kind: 'library' }
  const match = /^journal\/(\d{4})\/(0|[1-9]\d*)$/.exec(path)
  return match === null ? null : { kind: 'journal', year: Number(match[1]), incarnation: Number(match[2]) }
}
