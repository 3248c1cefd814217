/** U+2068 and U+2069: an address or a date inside a sentence that runs the other way keeps its own direction and its place. */
const between = (text: string): string => (text === '' ? text : `\u2068${text}\u2069`)

/** Values of a message, for languages that are written from right to left. */
export const isolate = (values: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? between(value) : value])
  )
