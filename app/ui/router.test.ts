import { expect, test } from 'vitest'
import { createRouter } from './router.ts'

/** The few parts of a window that the router touches, with a history that goes back. */
const createPage = (path: string) => {
  let entries: { state: unknown; path: string }[] = [{ state: null, path }]
  let at = 0
  const listeners: (() => void)[] = []
  const page = {
    location: {
      get pathname() {
        return entries[at]?.path ?? '/'
      }
    },
    history: {
      get state() {
        return entries[at]?.state
      },
      pushState: (state: unknown, _: string, to: string) => {
        entries = [...entries.slice(0, at + 1), { state, path: to }]
        at++
      },
      replaceState: (state: unknown, _: string, to: string) => {
        entries[at] = { state, path: to }
      },
      back: () => {
        at = Math.max(0, at - 1)
        for (const listener of listeners) listener()
      }
    },
    scrollTo: () => undefined,
    addEventListener: (_: string, listener: () => void) => listeners.push(listener)
  }
  return { page: page as unknown as Window, length: () => entries.length }
}

test('Back goes where the person was', () => {
  const { page } = createPage('/')
  const router = createRouter(page)
  router.go({ name: 'journal', day: null })
  router.go({ name: 'entry', practice: 'x' })
  router.back()
  expect(router.get()).toEqual({ name: 'journal', day: null })
  expect(page.location.pathname).toBe('/journal')
})

test('Back leads to the parent place when the person came in by a link', () => {
  const { page, length } = createPage('/settings/phrase')
  const router = createRouter(page)
  router.back()
  expect(router.get()).toEqual({ name: 'settings', section: null })
  router.back()
  expect(router.get()).toEqual({ name: 'breathe' })
  expect(length()).toBe(1)
})

test('a replaced place is not returned to', () => {
  const { page } = createPage('/')
  const router = createRouter(page)
  router.go({ name: 'care', pattern: 'box' })
  router.replace({ name: 'session' })
  router.back()
  expect(router.get()).toEqual({ name: 'breathe' })
})

test('the browser’s own Back is followed', () => {
  const { page } = createPage('/')
  const router = createRouter(page)
  let told = 0
  router.subscribe(() => told++)
  router.go({ name: 'patterns' })
  page.history.back()
  expect(router.get()).toEqual({ name: 'breathe' })
  expect(told).toBe(2)
})
