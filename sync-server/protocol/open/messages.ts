import { createDecoder, readVarUint, readVarUint8Array } from 'lib0/decoding'

/** The y-websocket protocol, read from y-protocols 1.0.7 and y-websocket 1.5, 2.1 and 3.1. One of these is one WebSocket message. */

export type OpenMessage =
  | { readonly kind: 'step1'; readonly stateVector: Uint8Array }
  /** Step 2 and update alike. `exact`: the message is an update message to its last byte, and can be passed on as it is. */
  | { readonly kind: 'update'; readonly update: Uint8Array; readonly exact: boolean }
  | { readonly kind: 'awareness'; readonly entries: Uint8Array }
  | { readonly kind: 'query-awareness' | 'ignored' | 'malformed' }

const SYNC = 0
const AWARENESS = 1
const AUTH = 2
const QUERY_AWARENESS = 3

const STEP_1 = 0
const STEP_2 = 1
const UPDATE = 2

const PERMISSION_DENIED = 0

const IGNORED: OpenMessage = { kind: 'ignored' }
const MALFORMED: OpenMessage = { kind: 'malformed' }
const QUERY: OpenMessage = { kind: 'query-awareness' }

/** The parts of the result lie in `bytes`: nothing is copied. */
export const decodeOpenMessage = (bytes: Uint8Array): OpenMessage => {
  try {
    const decoder = createDecoder(bytes)
    switch (readVarUint(decoder)) {
      case SYNC: {
        const step = readVarUint(decoder)
        if (step > UPDATE) return MALFORMED
        const body = readVarUint8Array(decoder)
        if (step === STEP_1) return { kind: 'step1', stateVector: body }
        return { kind: 'update', update: body, exact: step === UPDATE && decoder.pos === bytes.byteLength }
      }
      case AWARENESS:
        return { kind: 'awareness', entries: readVarUint8Array(decoder) }
      case QUERY_AWARENESS:
        return QUERY
      default:
        return IGNORED
    }
  } catch {
    return MALFORMED
  }
}

export const varUintLength = (value: number): number => {
  let length = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length++
  return length
}

/** @returns where the next byte goes. */
export const putVarUint = (out: Uint8Array, at: number, value: number): number => {
  let rest = value
  let to = at
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) out[to++] = 0x80 | (rest % 0x80)
  out[to] = rest
  return to + 1
}

/** Type, sub-type and a length of up to 2^53: where the body of a message begins at the latest. */
const syncMessage = (step: number, body: Uint8Array): Uint8Array => {
  const out = new Uint8Array(2 + varUintLength(body.byteLength) + body.byteLength)
  out[0] = SYNC
  out[1] = step
  out.set(body, putVarUint(out, 2, body.byteLength))
  return out
}

export const encodeStep1 = (stateVector: Uint8Array): Uint8Array => syncMessage(STEP_1, stateVector)
export const encodeStep2 = (update: Uint8Array): Uint8Array => syncMessage(STEP_2, update)
export const encodeUpdate = (update: Uint8Array): Uint8Array => syncMessage(UPDATE, update)

/**
 * The same of bytes that nobody else holds, so that a document of many megabytes is not in memory twice until somebody collects
 * it: the head goes into what is free before it in its buffer. Bytes without such room are copied.
 * @param front bytes that are known to be free before it; the buffer is then the result's
 */
export const encodeOwnUpdate = (update: Uint8Array, front: number): Uint8Array => {
  const { buffer, byteOffset, byteLength } = update
  const at = 2 + varUintLength(byteLength)
  if (front < at || byteOffset !== front || buffer.byteLength !== front + byteLength) return encodeUpdate(update)
  const out = new Uint8Array(buffer, front - at, at + byteLength)
  out[0] = SYNC
  out[1] = UPDATE
  putVarUint(out, 2, byteLength)
  return out
}

/** @param size of the awareness update. @returns the message with its head written, and where the body goes. */
export const awarenessMessage = (size: number): { readonly message: Uint8Array; readonly at: number } => {
  const message = new Uint8Array(1 + varUintLength(size) + size)
  message[0] = AWARENESS
  return { message, at: putVarUint(message, 1, size) }
}

/** @param reason ASCII */
export const encodePermissionDenied = (reason: string): Uint8Array => {
  const out = new Uint8Array(2 + varUintLength(reason.length) + reason.length)
  out[0] = AUTH
  out[1] = PERMISSION_DENIED
  const at = putVarUint(out, 2, reason.length)
  for (let i = 0; i < reason.length; i++) out[at + i] = reason.charCodeAt(i) & 0x7f
  return out
}
