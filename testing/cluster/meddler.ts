import type { Random } from '#testing/random.ts'
import type { Framing } from './framing.ts'
import type { Meddling, Way } from './line.ts'

/** Loses, doubles and delays single messages of a bus on their way; the connection itself lives on, and nobody is told. */
export interface Meddler {
  /** From here on; `undefined` = everything is passed on as it comes. */
  become(mischief: Mischief | undefined): void
  readonly meddle: Meddling
  readonly counts: Readonly<Record<Fate, number>>
}

/** `overtaken`: came after one that was sent later. `late`: held up, whether another came meanwhile or not. */
type Fate = 'passed' | 'lost' | 'doubled' | 'late' | 'overtaken'

/** Of each message, so likely. */
export interface Mischief {
  readonly random: Random
  readonly lose: number
  readonly double: number
  readonly delay: number
  /** How long those that are late, and the second of two, are held up. */
  readonly delayMs: readonly [from: number, to: number]
}

const drawFate = ({ random, lose, double, delay }: Mischief): Fate => {
  if (random.chance(lose)) return 'lost'
  if (random.chance(double)) return 'doubled'
  return random.chance(delay) ? 'late' : 'passed'
}

/** @param framings of the ways that are read; what goes the other way is passed on */
export const createMeddler = (framings: Readonly<Partial<Record<Way, Framing>>>): Meddler => {
  const counts = { passed: 0, lost: 0, doubled: 0, late: 0, overtaken: 0 }
  let mischief: Mischief | undefined

  /** For the messages of one connection that go one way. */
  const createCarrier = (handOn: (bytes: Buffer) => void) => {
    let arrived = 0
    const arrive = (bytes: Buffer): void => {
      arrived++
      handOn(bytes)
    }
    const arriveLate = (bytes: Buffer, { random, delayMs }: Mischief, onOvertaken?: () => void): void => {
      const before = arrived
      setTimeout(
        () => {
          if (arrived > before) onOvertaken?.()
          arrive(bytes)
        },
        random.between(...delayMs)
      )
    }
    return (bytes: Buffer): void => {
      if (mischief === undefined) {
        arrive(bytes)
        return
      }
      const fate = drawFate(mischief)
      counts[fate]++
      if (fate === 'passed' || fate === 'doubled') arrive(bytes)
      if (fate === 'doubled') arriveLate(bytes, mischief)
      if (fate === 'late') arriveLate(bytes, mischief, () => counts.overtaken++)
    }
  }

  return {
    counts,
    become(next) {
      mischief = next
    },
    meddle(way, handOn) {
      const framing = framings[way]
      if (framing === undefined) return handOn
      const carry = createCarrier(handOn)
      let rest: Buffer = Buffer.alloc(0)
      return (chunk) => {
        rest = rest.byteLength === 0 ? chunk : Buffer.concat([rest, chunk])
        for (let frame = framing(rest); frame !== undefined; frame = framing(rest)) {
          rest = rest.subarray(frame.bytes.byteLength)
          if (frame.isMessage) carry(frame.bytes)
          else handOn(frame.bytes)
        }
      }
    }
  }
}
