import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sameDocument } from '#app/store/bytes.ts'
import { steps, textOf } from './steps.arbitrary.ts'
import { createProfile } from './tabs.arbitrary.ts'

test('[LG47] whatever two tabs do in any order, a fresh load says the same as each tab that reads after', async () => {
  const seen = { raced: 0, done: 0, folded: 0 }
  await fc.assert(
    fc.asyncProperty(steps({ minLength: 20, maxLength: 150 }), async (schedule) => {
      const profile = await createProfile()
      for (const step of schedule) await profile.run(step)
      const fresh = await profile.fresh()
      expect(textOf(fresh)).toBe(textOf(profile.promised))
      expect(sameDocument(fresh, profile.promised)).toBe(true)
      // Every entry of the relay up to the cursor was written once.
      expect(profile.count.received).toBe((await profile.cursor()).seq)
      for (const tab of profile.tabs()) {
        await profile.catchUp(tab)
        expect(tab.y.getText('note').toString()).toBe(textOf(fresh))
      }
      seen.raced += profile.count.raced
      seen.done += profile.count.done
      seen.folded += profile.count.folded
    }),
    { numRuns: 80 }
  )
  // The schedules must have met what they are for.
  expect(Math.min(seen.raced, seen.done, seen.folded)).toBeGreaterThan(100)
})
