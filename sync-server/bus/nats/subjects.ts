import { bytesToBase64Url } from '#core/bytes.ts'
import { topicToBytes } from '#server/bus/topic-bytes.ts'

/**
 * A topic as one token of a NATS subject: no dot, star, angle bracket or space of a room's name can mean anything to the broker.
 * The letter before it keeps an empty topic from being an empty token.
 */
export const topicToSubject = (prefix: string, topic: string): string =>
  `${prefix}.t${bytesToBase64Url(topicToBytes(topic))}`

/** Where a relay tells all others that messages of its were lost. */
export const lossSubject = (prefix: string): string => `${prefix}.loss`
