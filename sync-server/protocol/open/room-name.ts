import { err, ok, type Result } from '#core/result.ts'

const MAX_NAME_BYTES = 255
const NOT_IN_A_PATH = /[^\x21-\x7e]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones a name must not hold
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/

/** Only for text without lone surrogates, which is all that percent-decoding gives. */
const utf8Length = (text: string): number => {
  let bytes = 0
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
  }
  return bytes
}

/**
 * The name of an open room.
 * @param path what follows `/y/` in the address, as it came: percent-encoded UTF-8
 */
export const parseRoomName = (path: string): Result<string, 'not-a-room-name'> => {
  // Three characters carry one byte at most, so nothing longer can be a name; it is not decoded at all.
  if (path.length > 3 * MAX_NAME_BYTES || NOT_IN_A_PATH.test(path)) return err('not-a-room-name')
  let name: string
  try {
    name = decodeURIComponent(path)
  } catch {
    return err('not-a-room-name')
  }
  const length = utf8Length(name)
  return length > 0 && length <= MAX_NAME_BYTES && !CONTROL.test(name) ? ok(name) : err('not-a-room-name')
}
