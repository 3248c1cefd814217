import type { StoreStatus } from '#app/store/face.ts'
import type { Readable } from '#app/ui/parts/live.ts'

interface GuardParts {
  readonly page: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>
  readonly status: Readable<Pick<StoreStatus, 'unsaved'>>
}

export interface Guard {
  /** From now on the page goes without a word: what it held was erased on purpose. */
  readonly letGo: () => void
}

/**
 * Closing a page whose edits are in memory only would lose them: the browser asks. The listener stands only while there is something
 * to lose, because a page that listens is never kept for Back by some browsers, and a question without a reason teaches to ignore it.
 */
export const guardLeaving = ({ page, status }: GuardParts): Guard => {
  let listening = false
  let released = false
  // The words of the question are the browser's own; returnValue is for those before Chrome 119.
  const ask = (event: Event): void => {
    event.preventDefault()
    ;(event as BeforeUnloadEvent).returnValue = true
  }
  const refresh = (): void => {
    const wanted = !released && status.get().unsaved > 0
    if (wanted === listening) return
    listening = wanted
    if (wanted) page.addEventListener('beforeunload', ask)
    else page.removeEventListener('beforeunload', ask)
  }
  status.subscribe(refresh)
  refresh()
  return {
    letGo: () => {
      released = true
      refresh()
    }
  }
}
