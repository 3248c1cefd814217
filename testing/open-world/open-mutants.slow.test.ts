import { expect, test } from 'vitest'
import { FLAWS, type Flaw, RELAY_FLAWS } from './flaws.ts'
import { runWorld } from './run.ts'

/** One defence taken out each time: a world that does not notice would not notice a mistake there either. */

const SEEDS = Array.from({ length: 120 }, (_, index) => index + 1)

/** By which rule a flaw must be noticed. */
const RULES: Record<Flaw, RegExp> = {
  'fan-out-before-durable': /^\[OR8\]/,
  'answer-to-everybody': /^\[OR5\]/,
  'load-failure-as-empty': /^\[OR(4|5|11|13|19)\]/,
  'adopt-without-compare': /^\[OR(5|11|19)\]/,
  'compaction-drops-newer-rows': /^\[OR11\]/,
  'claims-what-lies-behind-a-gap': /^\[OR4\]/,
  'old-socket-takes-presence-away': /\[OR16\]/,
  'drops-an-update': /^\[OR13\]/,
  'forgets-who-left': /^\[OR(19|16|17)\]/,
  'never-polls': /^\[OR(5|13)\]/,
  'answers-without-asking': /^\[OR5\]/,
  'dead-relay-lives': /^\[OR16\]/
}

/** Where it was noticed last: a world that changes finds it elsewhere, and only then are the others asked. */
const LAST: Partial<Record<Flaw, number>> = {
  'load-failure-as-empty': 13,
  'adopt-without-compare': 19,
  'drops-an-update': 22,
  'never-polls': 29
}

const mustNotice = async (flaw: Flaw, relays: number): Promise<void> => {
  for (const seed of [LAST[flaw] ?? 1, ...SEEDS]) {
    const { problems } = await runWorld({ seed, flaw, relays })
    if (problems[0] === undefined) continue
    expect(problems[0], `seed ${seed}`).toMatch(RULES[flaw])
    // It is the missing defence that was noticed: the sound relay holds in the same world.
    expect((await runWorld({ seed, relays })).problems).toEqual([])
    return
  }
  throw new Error('nobody noticed')
}

for (const flaw of FLAWS) {
  test(`the world of open rooms notices: ${flaw}`, { timeout: 300_000 }, () => mustNotice(flaw, 1))
}

for (const flaw of RELAY_FLAWS) {
  test(`[MR20] the world of several relays notices: ${flaw}`, { timeout: 300_000 }, () => mustNotice(flaw, 3))
}
