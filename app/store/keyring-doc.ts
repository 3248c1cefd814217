import type * as Y from 'yjs'
import { acceptsSetting, SETTING_KEYS, settingsFrom } from '#app/domain/settings/parse.ts'
import type { KeptRelay, SettingKey, Settings } from '#app/domain/settings/settings.ts'

/**
 * The keyring, this store's part of it: `settings` (one key a wish), `relays` (one key a host, so that two devices that each add one
 * keep both) and `years`. A year's key is `<year>/<incarnation>`, in `years` once begun and in `retired` once erased. Keys only come:
 * two devices agree by union.
 */
const settingsMap = (doc: Y.Doc): Y.Map<unknown> => doc.getMap('settings')
const yearsMap = (doc: Y.Doc): Y.Map<unknown> => doc.getMap('years')
const retiredMap = (doc: Y.Doc): Y.Map<unknown> => doc.getMap('retired')

export const readSettings = (doc: Y.Doc): Settings => settingsFrom((key) => settingsMap(doc).get(key))

/** @returns the name of the first key whose value may not be kept, null if all may. */
export const unacceptable = (change: Partial<Settings>): SettingKey | null =>
  SETTING_KEYS.find((key) => change[key] !== undefined && !acceptsSetting(key, change[key])) ?? null

export const writeSettings = (doc: Y.Doc, change: Partial<Settings>): void => {
  for (const key of SETTING_KEYS) if (change[key] !== undefined) settingsMap(doc).set(key, change[key])
}

const relaysMap = (doc: Y.Doc): Y.Map<unknown> => doc.getMap('relays')

const MAX_ADDRESS = 253 + 14

/** By host, so that every device shows them in the same order. What a later version wrote otherwise is passed over. */
export const readRelays = (doc: Y.Doc): readonly KeptRelay[] =>
  [...relaysMap(doc)]
    .flatMap(([name, value]) => {
      const { address, left } = (value ?? {}) as { readonly address?: unknown; readonly left?: unknown }
      return typeof address === 'string' && isAddress(address) ? [{ name, address, left: left === true }] : []
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))

const isAddress = (address: string): boolean => address.length <= MAX_ADDRESS && !/\s/.test(address)

export const areRelays = (relays: readonly KeptRelay[]): boolean =>
  relays.every(({ name, address }) => name !== '' && name.length <= MAX_ADDRESS && isAddress(address))

/** Those not named stay as they are. */
export const writeRelays = (doc: Y.Doc, relays: readonly KeptRelay[]): void => {
  for (const { name, address, left } of relays) relaysMap(doc).set(name, { address, left })
}

export type YearIncarnation = { readonly year: number; readonly incarnation: number }

const parseKey = (key: string): YearIncarnation | null => {
  const match = /^(\d{4})\/(\d+)$/.exec(key)
  return match === null ? null : { year: Number(match[1]), incarnation: Number(match[2]) }
}

/** Every year that was begun, retired incarnations left out. */
export const begunYears = (doc: Y.Doc): readonly YearIncarnation[] =>
  [...yearsMap(doc).keys()].flatMap((key) => (retiredMap(doc).has(key) ? [] : (parseKey(key) ?? [])))

export const retiredYears = (doc: Y.Doc): readonly YearIncarnation[] =>
  [...retiredMap(doc).keys()].flatMap((key) => parseKey(key) ?? [])

/** The incarnation that is written to: the lowest that is not retired, the same on every device that knows the same. */
export const currentIncarnation = (doc: Y.Doc, year: number): number => {
  let incarnation = 0
  while (retiredMap(doc).has(`${year}/${incarnation}`)) incarnation++
  return incarnation
}

export const hasYear = (doc: Y.Doc, { year, incarnation }: YearIncarnation): boolean =>
  yearsMap(doc).has(`${year}/${incarnation}`)

export const beginYear = (doc: Y.Doc, { year, incarnation }: YearIncarnation): void => {
  yearsMap(doc).set(`${year}/${incarnation}`, true)
}

/** After an erasure: what comes next under this year is another document. */
export const retireYear = (doc: Y.Doc, { year, incarnation }: YearIncarnation): void => {
  retiredMap(doc).set(`${year}/${incarnation}`, true)
}

/**
 * Makes settings and erased years those of `phrase`, where another person's keyring was merged into it: which of two wishes is heard
 * would else be chance, and an erasure would hide a year that it never meant. Relays of both stay; of one that both know, the
 * phrase's word counts, but that of `found`.
 */
export const followPhrase = (doc: Y.Doc, phrase: Y.Doc, found: string): void => {
  likeIn(settingsMap(phrase), settingsMap(doc))
  likeIn(retiredMap(phrase), retiredMap(doc))
  for (const name of relaysMap(phrase).keys()) if (name !== found) setLike(relaysMap(phrase), relaysMap(doc), name)
  const chosen = relaysMap(doc).get(found) as { readonly address?: unknown; readonly left?: unknown } | undefined
  if (chosen?.left === true) relaysMap(doc).set(found, { ...chosen, left: false })
}

const setLike = (from: Y.Map<unknown>, to: Y.Map<unknown>, key: string): void => {
  if (JSON.stringify(from.get(key)) !== JSON.stringify(to.get(key))) to.set(key, from.get(key))
}

const likeIn = (from: Y.Map<unknown>, to: Y.Map<unknown>): void => {
  for (const key of [...to.keys()]) if (!from.has(key)) to.delete(key)
  for (const key of from.keys()) setLike(from, to, key)
}
