import type { PatternId } from '#app/domain/breath/pattern.ts'
import type { SessionPlan } from '#core/breath.ts'

export type Theme = 'system' | 'paper' | 'night' | 'black'
export type Look = 'orb' | 'ring' | 'wave' | 'words'
export type BellSound = 'none' | 'bowl' | 'bell' | 'wood'

/**
 * One key a wish: two devices that change different keys keep both changes. Keys are flat on purpose and stored only
 * when they differ from the default once chosen.
 */
export type Settings = {
  readonly theme: Theme
  readonly look: Look
  /** BCP 47, or 'system'. */
  readonly language: string
  /** 0 silent to 1. */
  readonly volumeCue: number
  readonly volumeBell: number
  readonly volumeBed: number
  readonly volumeVoice: number
  readonly phaseWord: boolean
  readonly haptics: boolean
  /** Seconds before the first inhale, 0 to 30. */
  readonly countIn: number
  readonly warmUpBell: BellSound
  readonly endBell: BellSound
  readonly intervalBell: BellSound
  /** Minutes between interval bells, 1 to 120. */
  readonly intervalMinutes: number
  readonly screenReaderPhases: boolean
  /** The person chose to be counted in the field while practising. */
  readonly countMe: boolean
  /** Where no relay is named (see KeptRelay): '' = the relay that served the app, 'none' = keep everything on this device. */
  readonly relay: string
  readonly lastPattern: PatternId
  /** Overrides the pattern's own plan once the person chose another; null = the pattern's. */
  readonly lastPlan: SessionPlan | null
  /** The care screens were read. */
  readonly careFastSeen: boolean
  readonly careHoldSeen: boolean
  /** The person confirmed that the recovery phrase is written down. */
  readonly phraseConfirmed: boolean
}

/** A relay that the journal is or was kept on. */
export type KeptRelay = {
  /** Host, and port unless it is the scheme's default. */
  readonly name: string
  /** http(s)://host: another device may open the app over another scheme. */
  readonly address: string
  /** Not chosen any more; what it had, it has until everything is erased. */
  readonly left: boolean
}

export type SettingKey = keyof Settings
