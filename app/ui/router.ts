import { createContext, use, useSyncExternalStore } from 'react'
import type { Observable } from '#app/sync/status.ts'
import { type Place, parentPlace, parsePlace, placePath } from './places.ts'

export interface Router extends Observable<Place> {
  go(place: Place): void
  /** Takes the present place's entry in the history: Back does not return to it. */
  replace(place: Place): void
  /** The browser's Back where this app has been before, else the parent place. */
  back(): void
}

const depthOf = (state: unknown): number => {
  const depth = (state as { depth?: unknown } | null)?.depth
  return typeof depth === 'number' ? depth : 0
}

export const createRouter = (page: Window): Router => {
  let place = parsePlace(page.location.pathname)
  const listeners = new Set<() => void>()

  const arrive = (next: Place): void => {
    place = next
    for (const listener of listeners) listener()
  }
  page.addEventListener('popstate', () => arrive(parsePlace(page.location.pathname)))

  const replace = (next: Place): void => {
    page.history.replaceState({ depth: depthOf(page.history.state) }, '', placePath(next))
    page.scrollTo(0, 0)
    arrive(next)
  }

  return {
    get: () => place,
    subscribe: (changed) => {
      listeners.add(changed)
      return () => listeners.delete(changed)
    },
    go: (next) => {
      page.history.pushState({ depth: depthOf(page.history.state) + 1 }, '', placePath(next))
      page.scrollTo(0, 0)
      arrive(next)
    },
    replace,
    back: () => {
      if (depthOf(page.history.state) > 0) page.history.back()
      else replace(parentPlace(place))
    }
  }
}

export const RouterContext = createContext<Router | null>(null)

export const useRouter = (): Router => {
  const router = use(RouterContext)
  if (router === null) throw new Error('no router above this component')
  return router
}

export const usePlace = (): Place => {
  const router = useRouter()
  return useSyncExternalStore(router.subscribe, router.get)
}
