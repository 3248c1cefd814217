import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { decodeOpenMessage, encodeStep1 } from '#server/protocol/open/messages.ts'
import { typeLetters } from './letters.fixture.ts'
import { openRig } from './open-rig.fixture.ts'
import { createTestSocket, kindsOf } from './test-socket.fixture.ts'

test('[OR4] on connect the relay says what it holds and who is present', async () => {
  const rig = openRig()
  const alice = rig.client('room', { isPresent: true })
  alice.write('hello')
  await rig.run()
  const socket = createTestSocket()
  rig.connect(socket)
  await rig.run()
  expect(kindsOf(socket)).toEqual(['step1', 'awareness'])
  expect(socket.received[0]).toEqual(encodeStep1(Y.encodeStateVector(alice.doc)))
})

test('[OR4] what lies behind a gap is not claimed until the gap is filled', async () => {
  const rig = openRig()
  const { doc, message } = typeLetters()
  const alice = rig.client('room')
  await rig.run()
  const claim = async (): Promise<number> => {
    const socket = createTestSocket()
    rig.connect(socket)
    await rig.run()
    const [first] = socket.received
    const message = decodeOpenMessage(first ?? new Uint8Array())
    return message.kind === 'step1' ? (Y.decodeStateVector(message.stateVector).get(doc.clientID) ?? 0) : -1
  }
  const send = async (index: 0 | 1 | 2): Promise<void> => {
    alice.send(message(index))
    await rig.run()
  }
  await send(0)
  await send(2)
  expect(await claim()).toBe(1)
  const bob = rig.client('room')
  await rig.run()
  await send(1)
  expect(await claim()).toBe(3)
  expect(bob.text()).toBe('cba')
})
