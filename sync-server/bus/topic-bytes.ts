/** The longest topic, in bytes of this encoding: a room's name of 255 bytes, percent-encoded, fits with room to spare. */
export const TOPIC_BYTES = 1_024

/** No UTF-8 holds this byte. */
const NOT_UTF8 = 0xff

const encoder = new TextEncoder()

/** Different topics give different bytes, also where they are no well-formed Unicode (which UTF-8 cannot tell apart). */
export const topicToBytes = (topic: string): Uint8Array => {
  if (topic.isWellFormed()) return encoder.encode(topic)
  const bytes = new Uint8Array(1 + 2 * topic.length)
  bytes[0] = NOT_UTF8
  for (let i = 0; i < topic.length; i++) {
    const unit = topic.charCodeAt(i)
    bytes[1 + 2 * i] = unit >> 8
    bytes[2 + 2 * i] = unit & 0xff
  }
  return bytes
}

// A topic may begin with what a decoder would take for a mark of byte order.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Inverse of topicToBytes. */
export const bytesToTopic = (bytes: Uint8Array): string => {
  if (bytes[0] !== NOT_UTF8) return decoder.decode(bytes)
  let topic = ''
  for (let i = 1; i + 1 < bytes.byteLength; i += 2) {
    topic += String.fromCharCode(((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0))
  }
  return topic
}
