import { createCell } from './live.ts'

/** What a screen reader is told next. The same words twice are told twice: the number makes them differ. */
export const spoken = createCell<{ readonly words: string; readonly turn: number }>({ words: '', turn: 0 })

export const announce = (words: string): void => spoken.set({ words, turn: spoken.get().turn + 1 })
