import { encodeDeviceFrame } from '#core/frame-codec-device.ts'
import { decodeRelayFrame } from '#core/frame-codec-relay.ts'
import type { DeviceFrame, RelayFrame } from '#core/frames.ts'
import type { Seq, ShardId } from '#core/ids.ts'
import { refusalFromCode } from '#core/refusal.ts'
import type { WireRoot } from './root.ts'

/** Frames in and out of one socket, whatever carries them. Waits for what comes, never for time to pass. */

export interface Carrier {
  send(bytes: Uint8Array): void
  close(): void
}

export type FrameOf<Type extends RelayFrame['type']> = Extract<RelayFrame, { readonly type: Type }>

export interface Wire {
  /** For the carrier's owner. */
  received(bytes: Uint8Array): void
  ended(code: number): void
  send(frame: DeviceFrame): void
  sendRaw(bytes: Uint8Array): void
  close(): void
  /** The next frame of any type not yet taken. */
  next(): Promise<RelayFrame>
  /** The next frame, which must be of this type. */
  expect<Type extends RelayFrame['type']>(type: Type): Promise<FrameOf<Type>>
  /** Passes over other frames until one of this type comes. */
  until<Type extends RelayFrame['type']>(type: Type): Promise<FrameOf<Type>>
  /** Frames that came and were not taken. */
  waiting(): readonly RelayFrame[]
  readonly closed: Promise<number>
  /** OPEN and AUTH. */
  enter(root: WireRoot, host: string, ch?: number, certificate?: Uint8Array): Promise<FrameOf<'ready'>>
  push(shard: ShardId, entries: readonly Uint8Array[], ref?: number, ch?: number): void
  pull(shard: ShardId, after?: { seq: number; hash: Uint8Array }, ch?: number): void
}

export const createWire = (carrier: Carrier): Wire => {
  const frames: RelayFrame[] = []
  const takers: ((frame: RelayFrame) => void)[] = []
  const failers: ((cause: Error) => void)[] = []
  let end: (code: number) => void = () => {}
  let ended: number | undefined
  const closed = new Promise<number>((resolve) => {
    end = resolve
  })

  const send = (frame: DeviceFrame): void => carrier.send(encodeDeviceFrame(frame))

  const next = (): Promise<RelayFrame> => {
    const frame = frames.shift()
    if (frame !== undefined) return Promise.resolve(frame)
    if (ended !== undefined) return Promise.reject(new Error(`the socket was closed with ${ended}`))
    return new Promise((resolve, reject) => {
      takers.push(resolve)
      failers.push(reject)
    })
  }

  const expectFrame = async <Type extends RelayFrame['type']>(type: Type): Promise<FrameOf<Type>> => {
    const frame = await next()
    if (frame.type === type) return frame as FrameOf<Type>
    throw new Error(
      `expected ${type}, got ${frame.type}${frame.type === 'nack' ? ` ${refusalFromCode(frame.code)}` : ''}`
    )
  }

  return {
    received(bytes) {
      const frame = decodeRelayFrame(bytes)
      if (!frame.ok) throw new Error('the relay sent a malformed frame')
      failers.shift()
      const taker = takers.shift()
      if (taker === undefined) frames.push(frame.value)
      else taker(frame.value)
    },
    ended(code) {
      ended = code
      for (const fail of failers.splice(0)) fail(new Error(`the socket was closed with ${code}`))
      takers.length = 0
      end(code)
    },
    send,
    sendRaw: (bytes) => carrier.send(bytes),
    close: () => carrier.close(),
    next,
    expect: expectFrame,
    async until(type) {
      for (;;) {
        const frame = await next()
        if (frame.type === type) return frame as FrameOf<typeof type>
      }
    },
    waiting: () => [...frames],
    closed,
    async enter(root, host, ch = 0, certificate = root.certificate()) {
      send({ type: 'open', ch, root: root.id })
      const { challenge, relayKey } = await expectFrame('challenge')
      send(root.auth(ch, { challenge, relayKey, host, certificate }))
      return expectFrame('ready')
    },
    push: (shard, entries, ref = 1, ch = 0) => send({ type: 'push', ch, shard, ref, entries }),
    pull: (shard, after = { seq: 0, hash: new Uint8Array(16) }, ch = 0) =>
      send({ type: 'pull', ch, shard, after: after.seq as Seq, hashAfter: after.hash })
  }
}

export const refusalOf = (frame: RelayFrame): string | undefined =>
  frame.type === 'nack' ? refusalFromCode(frame.code) : undefined
