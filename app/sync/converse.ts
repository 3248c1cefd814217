import type { RelayName } from '#app/store/ports.ts'
import { encodeDeviceFrame } from '#core/frame-codec-device.ts'
import { decodeRelayFrame } from '#core/frame-codec-relay.ts'
import type { DeviceFrame, RelayFrame } from '#core/frames.ts'
import type { Dial, SetTimer } from './ports.ts'

/** A short talk with a relay outside of any session: a look under a phrase, an erasure. */

export interface Line {
  send(frame: DeviceFrame): void
  /** The next frame; undefined once the relay is silent for too long, has closed, or spoke nonsense. */
  next(): Promise<RelayFrame | undefined>
}

export interface TalkPorts {
  readonly dial: Dial
  readonly setTimer: SetTimer
}

/** A relay that answers nothing for so long is not reached. */
const SILENCE_MS = 15_000

export const converse = async <Value>(
  { dial, setTimer }: TalkPorts,
  relay: RelayName,
  talk: (line: Line) => Promise<Value>
): Promise<Value | undefined> => {
  const heard: (RelayFrame | undefined)[] = []
  let waiting: ((frame: RelayFrame | undefined) => void) | undefined
  let over = false
  let opened: (reached: boolean) => void = () => {}

  const hear = (frame: RelayFrame | undefined): void => {
    if (waiting === undefined) heard.push(frame)
    else {
      const wake = waiting
      waiting = undefined
      wake(frame)
    }
  }
  const end = (): void => {
    if (over) return
    over = true
    opened(false)
    hear(undefined)
  }
  const timed = <Item>(start: (resolve: (item: Item) => void) => void, late: Item): Promise<Item> =>
    new Promise((resolve) => {
      const cancel = setTimer(SILENCE_MS, () => resolve(late))
      start((item) => {
        cancel()
        resolve(item)
      })
    })

  const isOpen = timed<boolean>((resolve) => {
    opened = resolve
  }, false)
  const socket = dial(relay, {
    opened: () => opened(true),
    frame: (bytes) => {
      const frame = decodeRelayFrame(bytes)
      if (frame.ok) hear(frame.value)
      else end()
    },
    closed: end
  })
  try {
    if (!(await isOpen)) return undefined
    return await talk({
      send: (frame) => socket.send(encodeDeviceFrame(frame)),
      next: () => {
        if (heard.length > 0) return Promise.resolve(heard.shift())
        if (over) return Promise.resolve(undefined)
        return timed<RelayFrame | undefined>((resolve) => {
          waiting = resolve
        }, undefined)
      }
    })
  } finally {
    over = true
    socket.close()
  }
}

/** Passes over what was not asked for (TIME, presence, a PAUSE) until one of `types` comes. */
export const hearOne = async <Type extends RelayFrame['type']>(
  line: Line,
  ...types: readonly Type[]
): Promise<Extract<RelayFrame, { readonly type: Type }> | undefined> => {
  for (;;) {
    const frame = await line.next()
    if (frame === undefined) return undefined
    if ((types as readonly string[]).includes(frame.type)) return frame as Extract<RelayFrame, { readonly type: Type }>
  }
}
