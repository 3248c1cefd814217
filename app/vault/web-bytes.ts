/** WebCrypto's types refuse views of shared memory; this app has none, and a copy of every entry would buy nothing. */
export const unshared = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => bytes as Uint8Array<ArrayBuffer>

export type RandomBytes = (length: number) => Uint8Array
