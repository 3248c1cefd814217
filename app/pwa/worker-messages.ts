/** What the page says to its service worker. `digests` is answered on the port that comes with it. */
export type WorkerMessage = { readonly kind: 'take-over' } | { readonly kind: 'digests' }

export interface Digest {
  readonly file: string
  /** Subresource integrity: `sha384-` and base64. */
  readonly digest: string
}

export const isWorkerMessage = (value: unknown): value is WorkerMessage => {
  const kind = (value as { kind?: unknown } | null)?.kind
  return kind === 'take-over' || kind === 'digests'
}
