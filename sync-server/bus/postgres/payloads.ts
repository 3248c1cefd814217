import { concatBytes } from '#core/bytes.ts'
import { bytesToTopic, TOPIC_BYTES, topicToBytes } from '#server/bus/topic-bytes.ts'
import { BUS_MESSAGE_BYTES } from '#server/rooms/ports.ts'

/**
 * Messages as the payloads of NOTIFY: text shorter than 8,000 bytes, so base64 of less than 6,000. Many small messages share
 * one payload, a large one has several to itself. docs/spec/bus.md has the bytes.
 */

/** 7,999 characters of base64 are 1,999 groups of three bytes. */
const PAYLOAD_BYTES = 5_997
const VERSION = 1
/** Version, then a number that makes each payload of a transaction differ: Postgres sends equal ones once. */
const HEADER_BYTES = 5
const BODY_BYTES = PAYLOAD_BYTES - HEADER_BYTES

const WHOLE = 0
const PART = 1
const LOSS = 2
/** Kind, bytes of the topic, bytes of the message. */
const WHOLE_HEADER_BYTES = 1 + 2 + 4
/** Kind, number of this part, number of parts. */
const PART_HEADER_BYTES = 1 + 2 + 2
const PART_BYTES = BODY_BYTES - PART_HEADER_BYTES
const MAX_PARTS = Math.ceil((WHOLE_HEADER_BYTES + TOPIC_BYTES + BUS_MESSAGE_BYTES) / PART_BYTES)

const header = (number: number): Uint8Array => {
  const bytes = new Uint8Array(HEADER_BYTES)
  bytes[0] = VERSION
  new DataView(bytes.buffer).setUint32(1, number)
  return bytes
}

const toRecord = (topic: string, message: Uint8Array): Uint8Array => {
  const name = topicToBytes(topic)
  const record = new Uint8Array(WHOLE_HEADER_BYTES + name.byteLength + message.byteLength)
  const view = new DataView(record.buffer)
  record[0] = WHOLE
  view.setUint16(1, name.byteLength)
  view.setUint32(3, message.byteLength)
  record.set(name, WHOLE_HEADER_BYTES)
  record.set(message, WHOLE_HEADER_BYTES + name.byteLength)
  return record
}

const toParts = (record: Uint8Array): Uint8Array[] => {
  const count = Math.ceil(record.byteLength / PART_BYTES)
  return Array.from({ length: count }, (_, index) => {
    const head = new Uint8Array(PART_HEADER_BYTES)
    head[0] = PART
    new DataView(head.buffer).setUint16(1, index)
    new DataView(head.buffer).setUint16(3, count)
    return concatBytes(head, record.subarray(index * PART_BYTES, (index + 1) * PART_BYTES))
  })
}

const toText = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')

export interface PayloadWriter {
  /** @param isAfterLoss tells the readers first that messages before these were lost. */
  write(
    batch: readonly { readonly topic: string; readonly message: Uint8Array }[],
    isAfterLoss: boolean
  ): readonly string[]
}

export const createPayloadWriter = (): PayloadWriter => {
  let number = 0
  return {
    write(batch, isAfterLoss) {
      const payloads: string[] = []
      let records: Uint8Array[] = isAfterLoss ? [new Uint8Array([LOSS])] : []
      let bytes = records.length
      const end = (): void => {
        if (bytes === 0) return
        number = (number + 1) >>> 0
        payloads.push(toText(concatBytes(header(number), ...records)))
        records = []
        bytes = 0
      }
      const put = (record: Uint8Array): void => {
        if (bytes + record.byteLength > BODY_BYTES) end()
        records.push(record)
        bytes += record.byteLength
      }
      for (const { topic, message } of batch) {
        const record = toRecord(topic, message)
        if (record.byteLength <= BODY_BYTES) {
          put(record)
          continue
        }
        end()
        for (const part of toParts(record)) {
          put(part)
          end()
        }
      }
      end()
      return payloads
    }
  }
}

export interface PayloadReader {
  /** One payload, as it came. What is not one of ours is passed over. */
  read(payload: string): void
}

interface Heard {
  onMessage(topic: string, message: Uint8Array): void
  /** The sender lost messages, or parts of one did not come. */
  onLoss(): void
}

/**
 * The payloads of one statement come one after the other, whatever others send: one message in parts is all there is to keep.
 */
export const createPayloadReader = ({ onMessage, onLoss }: Heard): PayloadReader => {
  let parts: Uint8Array[] = []

  /** @returns where the next record begins; undefined where this is none. */
  const readWhole = (bytes: Uint8Array, at: number): number | undefined => {
    if (at + WHOLE_HEADER_BYTES > bytes.byteLength) return undefined
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    const nameEnd = at + WHOLE_HEADER_BYTES + view.getUint16(at + 1)
    const end = nameEnd + view.getUint32(at + 3)
    if (end > bytes.byteLength) return undefined
    onMessage(bytesToTopic(bytes.subarray(at + WHOLE_HEADER_BYTES, nameEnd)), bytes.subarray(nameEnd, end))
    return end
  }

  const readPart = (bytes: Uint8Array): void => {
    if (bytes.byteLength < PART_HEADER_BYTES) return
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    const index = view.getUint16(1)
    const count = view.getUint16(3)
    if (index === 0) parts = []
    if (index !== parts.length || index >= count || count > MAX_PARTS) {
      parts = []
      onLoss()
      return
    }
    parts.push(bytes.subarray(PART_HEADER_BYTES))
    if (parts.length < count) return
    const record = concatBytes(...parts)
    parts = []
    readWhole(record, 0)
  }

  return {
    read(payload) {
      const bytes = Buffer.from(payload, 'base64')
      if (bytes[0] !== VERSION || bytes.byteLength <= HEADER_BYTES) return
      const body = new Uint8Array(bytes.buffer, bytes.byteOffset + HEADER_BYTES, bytes.byteLength - HEADER_BYTES)
      if (body[0] === PART) return readPart(body)
      if (parts.length > 0) {
        parts = []
        onLoss()
      }
      let at = 0
      if (body[0] === LOSS) {
        at = 1
        onLoss()
      }
      for (let next: number | undefined = at; next !== undefined && next < body.byteLength; ) {
        if (body[next] !== WHOLE) return
        next = readWhole(body, next)
      }
    }
  }
}
