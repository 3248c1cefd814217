import { DEFAULT_PATTERN_ID } from '#app/domain/breath/built-in.ts'
import { parsePlan } from '#app/domain/breath/parse.ts'
import type { BellSound, SettingKey, Settings } from './settings.ts'

export const DEFAULT_SETTINGS: Settings = {
  theme: 'system',
  look: 'orb',
  language: 'system',
  volumeCue: 0.35,
  volumeBell: 0.4,
  volumeBed: 0,
  volumeVoice: 0,
  phaseWord: true,
  haptics: true,
  countIn: 3,
  warmUpBell: 'none',
  endBell: 'bowl',
  intervalBell: 'none',
  intervalMinutes: 5,
  screenReaderPhases: false,
  countMe: false,
  relay: '',
  lastPattern: DEFAULT_PATTERN_ID,
  lastPlan: null,
  careFastSeen: false,
  careHoldSeen: false,
  phraseConfirmed: false
}

export const SETTING_KEYS = Object.keys(DEFAULT_SETTINGS) as readonly SettingKey[]

type Accepts = (value: unknown) => boolean
const oneOf =
  (...values: readonly unknown[]): Accepts =>
  (value) =>
    values.includes(value)
const number =
  (min: number, max: number): Accepts =>
  (value) =>
    typeof value === 'number' && value >= min && value <= max
const text =
  (max: number): Accepts =>
  (value) =>
    typeof value === 'string' && value.length <= max
const flag: Accepts = (value) => typeof value === 'boolean'
const bell: Accepts = oneOf('none', 'bowl', 'bell', 'wood' satisfies BellSound)

const ACCEPTS: Readonly<Record<SettingKey, Accepts>> = {
  theme: oneOf('system', 'paper', 'night', 'black'),
  look: oneOf('orb', 'ring', 'wave', 'words'),
  language: text(35),
  volumeCue: number(0, 1),
  volumeBell: number(0, 1),
  volumeBed: number(0, 1),
  volumeVoice: number(0, 1),
  phaseWord: flag,
  haptics: flag,
  countIn: number(0, 30),
  warmUpBell: bell,
  endBell: bell,
  intervalBell: bell,
  intervalMinutes: number(1, 120),
  screenReaderPhases: flag,
  countMe: flag,
  relay: text(253 + 6),
  lastPattern: text(64),
  lastPlan: (value) => value === null || parsePlan(value).ok,
  careFastSeen: flag,
  careHoldSeen: flag,
  phraseConfirmed: flag
}

/** Whether a value may stand under a key. A value of a later version that this one does not know may not. */
export const acceptsSetting = (key: SettingKey, value: unknown): boolean => ACCEPTS[key](value)

/** Each key by itself: one unreadable value costs one wish, not all. */
export const settingsFrom = (read: (key: SettingKey) => unknown): Settings => {
  const settings: Record<string, unknown> = {}
  for (const key of SETTING_KEYS) {
    const value = read(key)
    settings[key] = value !== undefined && acceptsSetting(key, value) ? value : DEFAULT_SETTINGS[key]
  }
  return settings as unknown as Settings
}
