import { CLOSE } from '#core/close-codes.ts'
import { decodeDeviceFrame } from '#core/frame-codec-device.ts'
import { decodeRelayFrame, encodeRelayFrame } from '#core/frame-codec-relay.ts'
import type { DeviceFrame, RelayFrame } from '#core/frames.ts'
import type { ConnectionHandle } from '#server/rooms/relay-ports.ts'
import type { Scheduler } from '#testing/scheduler.ts'
import type { Dial } from './ports.ts'
import type { TestRelay } from './relay.fixture.ts'

/** A device's way to relays, in virtual time. */

/** What crosses the wire. `false` lets a frame vanish together with its connection, as networks do. */
export type Watch = (
  way: 'up' | 'down',
  frame: DeviceFrame | RelayFrame,
  device: string
) => boolean | undefined | RelayFrame

const MS_ON_THE_WIRE = 5

export const dialer =
  (
    scheduler: Scheduler,
    relayAt: (host: string) => TestRelay | undefined,
    name: string,
    line: { cuts: Set<() => void>; online: boolean },
    pass: (way: 'up' | 'down', frame: DeviceFrame | RelayFrame) => ReturnType<Watch>
  ): Dial =>
  (host, on) => {
    let over = false
    let handle: ConnectionHandle | undefined
    const end = (code: number): void => {
      if (over) return
      over = true
      scheduler.after(MS_ON_THE_WIRE, `${name} hears close ${code}`, () => on.closed(code))
      handle?.closed()
    }
    const cut = (): void => end(1006)
    line.cuts.add(cut)
    const down = (bytes: Uint8Array): void => {
      const frame = decodeRelayFrame(bytes)
      if (!frame.ok) throw new Error('the relay sent a malformed frame')
      scheduler.after(MS_ON_THE_WIRE, `${name} hears ${frame.value.type}`, () => {
        if (over) return
        const fate = pass('down', frame.value)
        if (fate === false) end(1006)
        else on.frame(typeof fate === 'object' ? encodeRelayFrame(fate) : bytes)
      })
    }
    scheduler.after(MS_ON_THE_WIRE, `${name} dials`, () => {
      if (over) return
      if (line.online) handle = relayAt(host)?.connect({ send: down, close: end })
      if (handle === undefined) end(CLOSE.goingAway)
      else on.opened()
    })
    return {
      send: (bytes) => {
        if (over) return
        const frame = decodeDeviceFrame(bytes)
        if (!frame.ok) throw new Error('a device sent a malformed frame')
        if (pass('up', frame.value) === false) end(1006)
        else scheduler.after(MS_ON_THE_WIRE, `${name} sends ${frame.value.type}`, () => !over && handle?.message(bytes))
      },
      close: () => {
        over = true
        handle?.closed()
      }
    }
  }
