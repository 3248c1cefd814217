import { cleanLine, cleanTags } from '#app/domain/journal/clean.ts'
import { civilDay, yearOf } from '#core/time.ts'
import type { PracticeRecord, Reflection } from './record.ts'
import type { Outcome, Setup } from './session.ts'

/** Day and year are computed here, once, from the moment and place it began in, and never move. */
export const practiceRecord = (
  { id, pattern, plan, startedAt }: Setup,
  outcome: Outcome,
  reflection: Reflection
): PracticeRecord => {
  const day = civilDay(startedAt)
  return {
    kind: 'practice',
    id,
    startedAt,
    day,
    year: yearOf(day),
    ...outcome,
    pattern: { id: pattern.id, name: pattern.name, breath: pattern.breath },
    plan,
    before: reflection.before,
    after: reflection.after,
    line: cleanLine(reflection.line),
    tags: cleanTags(reflection.tags)
  }
}
