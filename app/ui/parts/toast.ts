import { createCell } from './live.ts'

export interface Toast {
  readonly words: string
  readonly action: { readonly label: string; readonly run: () => void } | null
}

/** One line at a time at the lower edge. It stays until answered, replaced or let go: nobody has to be quick. */
export const toast = createCell<Toast | null>(null)

export const tell = (words: string, action: Toast['action'] = null): void => toast.set({ words, action })
