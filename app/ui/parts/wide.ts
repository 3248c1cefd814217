import { useSyncExternalStore } from 'react'

/** From where a second column stands beside the first: the same as in the style sheets. */
const query = (): MediaQueryList => matchMedia('(min-width: 60rem)')

const subscribe = (changed: () => void): (() => void) => {
  const media = query()
  media.addEventListener('change', changed)
  return () => media.removeEventListener('change', changed)
}

export const useWide = (): boolean => useSyncExternalStore(subscribe, () => query().matches)
