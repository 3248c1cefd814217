import type { StoreStatus } from '#app/store/face.ts'
import { createCell, type Readable } from '#app/ui/parts/live.ts'
import type { KeepPort, KeepState } from '#app/ui/ports.ts'

interface KeepParts {
  readonly disk: { readonly state: Readable<KeepState>; beginAgain(): Promise<void> }
  readonly store: { readonly status: Readable<StoreStatus>; retry(): Promise<void> }
}

/** The disk's own state first; a write that found no room shows as `quota` until it has gone through. */
export const createKeepPort = ({ disk, store }: KeepParts): KeepPort => {
  const judge = (): KeepState => {
    const { writeError } = store.status.get()
    return disk.state.get().kind === 'ready' && writeError === 'quota' ? { kind: 'quota' } : disk.state.get()
  }
  const state = createCell(judge())
  const refresh = (): void => {
    const next = judge()
    if (next.kind !== state.get().kind) state.set(next)
  }
  disk.state.subscribe(refresh)
  store.status.subscribe(refresh)
  return {
    get: state.get,
    subscribe: state.subscribe,
    retry: () => void store.retry(),
    beginAgain: disk.beginAgain
  }
}
