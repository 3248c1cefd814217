import { createHmac } from 'node:crypto'

/**
 * What a log calls a room: the same in every line and after a restart, and no way back to the name, which may say what
 * nobody but its visitors should know. Keyed, because names can be guessed.
 */
export const createRoomTag =
  (secret: string): ((room: string) => string) =>
  (room) =>
    createHmac('sha256', secret).update(`log\0${room}`).digest('hex').slice(0, 10)
