/** docs/spec/sealed-log.md section 1, written from that page alone: nothing here imports from core or app. */

export class Malformed extends Error {}

export const concat = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))
export const fromHex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))
export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
export const ascii = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))
export const equal = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

export const u8 = (value: number): Uint8Array => Uint8Array.of(value)
export const varuint = (value: number): Uint8Array => {
  const out: number[] = []
  let rest = value
  while (rest > 127) {
    out.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  return Uint8Array.from([...out, rest])
}
export const bytes = (value: Uint8Array): Uint8Array => concat(varuint(value.length), value)
export const text = (value: string): Uint8Array => bytes(new TextEncoder().encode(value))
export const list = (items: readonly Uint8Array[]): Uint8Array => concat(varuint(items.length), ...items)
export const label = (name: string): Uint8Array => bytes(ascii(`council.sealed.1 ${name}`))

export const createReader = (input: Uint8Array) => {
  let at = 0
  const take = (length: number): Uint8Array => {
    if (length > input.length - at) throw new Malformed('truncated')
    at += length
    return input.slice(at - length, at)
  }
  const reader = {
    at: () => at,
    left: () => input.length - at,
    fixed: take,
    u8: (): number => take(1)[0] ?? 0,
    varuint: (): number => {
      let value = 0
      for (let scale = 1; ; scale *= 128) {
        const byte = reader.u8()
        value += (byte & 127) * scale
        if (value > Number.MAX_SAFE_INTEGER || (byte === 0 && scale > 1)) throw new Malformed('number')
        if (byte < 128) return value
      }
    },
    bytes: (): Uint8Array => take(reader.varuint()),
    text: (): string => new TextDecoder('utf-8', { fatal: true }).decode(reader.bytes()),
    list: <Item>(read: () => Item): Item[] => {
      const count = reader.varuint()
      if (count > input.length - at) throw new Malformed('count')
      return Array.from({ length: count }, read)
    },
    end: (): void => {
      if (at !== input.length) throw new Malformed('left over')
    }
  }
  return reader
}
export type Reader = ReturnType<typeof createReader>
