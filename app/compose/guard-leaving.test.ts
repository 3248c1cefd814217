import { expect, test } from 'vitest'
import { note, openTab, rest } from '#app/store/device.fixture.ts'
import { guardLeaving } from './guard-leaving.ts'

/** Whether closing the page now would be asked about. */
const asks = (page: EventTarget): boolean => !page.dispatchEvent(new Event('beforeunload', { cancelable: true }))

test('[JR27] a page is asked about exactly while it holds what is not on the disk', async () => {
  const page = new EventTarget()
  const tab = openTab()
  await tab.store.settled
  guardLeaving({ page, status: tab.store.status })
  expect(asks(page)).toBe(false)
  await tab.store.dispatch({ kind: 'write-line', line: note('l1', 'on the disk') })
  expect(asks(page)).toBe(false)
  tab.setFate((operation) => (operation === 'appendLocal' ? 'quota' : 'proceed'))
  await tab.store.dispatch({ kind: 'write-line', line: note('l2', 'in memory only') })
  expect(asks(page)).toBe(true)
  // A retry that fails again is one more round, not the end of it.
  tab.runRetries()
  await rest()
  expect(asks(page)).toBe(true)
  tab.setFate(() => 'proceed')
  tab.runRetries()
  await rest()
  expect(asks(page)).toBe(false)
})

test('[JR27] what was erased on purpose is not asked about', async () => {
  const page = new EventTarget()
  const tab = openTab()
  await tab.store.settled
  const guard = guardLeaving({ page, status: tab.store.status })
  tab.setFate((operation) => (operation === 'appendLocal' ? 'quota' : 'proceed'))
  await tab.store.dispatch({ kind: 'write-line', line: note('l1', 'in memory only') })
  guard.letGo()
  expect(asks(page)).toBe(false)
})
