import type { PacedBreath } from '#core/breath.ts'
import { levelFrames } from '#core/breath-look.ts'

/** A layer's reach: its value when the breath is empty and when it is full. */
export interface Reach {
  readonly from: number
  readonly to: number
}

const at = ({ from, to }: Reach, level: number): number => from + (to - from) * level

/** One layer's keyframes for one cycle: the same breath, each layer with its own reach, so that the light has depth. */
export const layerFrames = (breath: PacedBreath, scale: Reach | null, opacity: Reach | null): Keyframe[] =>
  levelFrames(breath).map(({ offset, level }) => ({
    offset,
    ...(scale === null ? {} : { transform: `scale(${at(scale, level).toFixed(4)})` }),
    ...(opacity === null ? {} : { opacity: at(opacity, level).toFixed(4) })
  }))

/** The light on the wave: rises by its own track's height. */
export const riderFrames = (breath: PacedBreath): Keyframe[] =>
  levelFrames(breath).map(({ offset, level }) => ({ offset, transform: `translateY(${(-100 * level).toFixed(2)}%)` }))

/** The same curve as a line, `cycles` times: x from 0, y 0 when empty to -height when full. */
export const wavePath = (breath: PacedBreath, cycles: number, width: number, height: number): string => {
  const points: string[] = []
  for (let cycle = 0; cycle < cycles; cycle++)
    for (const { offset, level } of levelFrames(breath))
      if (cycle === 0 || offset > 0)
        points.push(`${((cycle + offset) * width).toFixed(2)} ${(-level * height).toFixed(2)}`)
  return `M${points.join('L')}`
}
