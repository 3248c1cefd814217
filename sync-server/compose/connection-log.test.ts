import { pino } from 'pino'
import { expect, test } from 'vitest'
import type { ConnectionHandle, SocketPort } from '#server/rooms/relay-ports.ts'
import { logConnections } from './connection-log.ts'

const createListener = (level: string) => {
  const lines: Record<string, unknown>[] = []
  const logger = pino(
    { level, base: null, timestamp: false },
    { write: (line: string) => lines.push(JSON.parse(line)) }
  )
  const sockets: SocketPort[] = []
  const connect = logConnections<SocketPort, string>(
    logger,
    (room) => ({ room: `tag of ${room}` }),
    (socket): ConnectionHandle => {
      sockets.push(socket)
      return { message() {}, drained() {}, closed() {} }
    }
  )
  return { lines, sockets, connect }
}
const socket = (): SocketPort => ({ send: () => 0, close() {} })

test('a connection begins and ends under one id', () => {
  const { lines, sockets, connect } = createListener('debug')
  connect(socket(), 'a')
  const second = connect(socket(), 'b')
  sockets[0]?.close(4400)
  second.closed()
  second.closed()
  expect(lines).toEqual([
    { level: 20, connection: 1, room: 'tag of a', msg: 'connected' },
    { level: 20, connection: 2, room: 'tag of b', msg: 'connected' },
    { level: 20, connection: 1, room: 'tag of a', code: 4400, msg: 'closed' },
    { level: 20, connection: 2, room: 'tag of b', msg: 'the peer left' }
  ])
})

test('nobody asked: nothing is wrapped', () => {
  const { lines, sockets, connect } = createListener('info')
  const mine = socket()
  connect(mine, 'a')
  expect(sockets[0]).toBe(mine)
  expect(lines).toEqual([])
})
