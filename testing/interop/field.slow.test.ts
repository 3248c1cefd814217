import { expect, test } from 'vitest'
import { FIELD_MAPS, fieldMonthAt, fieldRoom, parseAnswer, reportState } from '#core/field.ts'
import { addHours, parseNowPartial, peopleNow } from '#core/field-counts.ts'
import { openScene, type Scene } from './scene.ts'
import { eventually, GENERATIONS, type StockClient } from './stock-client.ts'

/** The field as stock providers of three generations meet it, on a relay process that is killed. */

const room = (): string => fieldRoom(fieldMonthAt(Date.now() / 1_000))

const heard = ({ provider }: StockClient): number | undefined =>
  [...provider.awareness.getStates().values()].map(parseAnswer).find((at) => at !== undefined)

const claims = (client: StockClient, id: string, from: number): void =>
  client.provider.awareness.setLocalState(reportState({ id: id.padEnd(22, '-'), from, to: from + 10 }))

const countedBy = ({ doc }: StockClient): number =>
  peopleNow(
    [...doc.getMap(FIELD_MAPS.now).values()].flatMap((value) => parseNowPartial(value) ?? []),
    Math.floor(Date.now() / 1_000)
  ).people

const told = async (scene: Scene) =>
  (await fetch(`${scene.relay().origin}/field`)).json() as Promise<{
    peopleNow: number
    hours: { peopleSeconds: number }[]
  }>

test('[FI3] [FI6] [FI11] providers of three generations see the sums; a relay that was killed leaves no ghosts and doubles nothing', async () => {
  await using scene = await openScene({ OPEN_ROOMS: 'token' })
  const people = GENERATIONS.map((generation) => scene.client(generation, room()))
  const watchers = GENERATIONS.map((generation) => scene.client(generation, room()))
  const second = (): number => Math.floor(Date.now() / 1_000)
  await eventually(() => [...people, ...watchers].every(({ provider }) => provider.synced))
  for (const [i, person] of people.entries()) claims(person, `person ${i}`.replace(' ', ''), second() + 1)
  await eventually(() => people.every((person) => Math.abs((heard(person) ?? 0) - Date.now()) < 5_000))
  await eventually(() => watchers.every((watcher) => countedBy(watcher) === 3))
  expect((await told(scene)).peopleNow).toBe(3)
  for (const watcher of watchers) {
    const others = [...watcher.provider.awareness.getStates().keys()].filter((id) => id !== watcher.doc.clientID)
    expect(others).toEqual([])
  }

  // The providers say the same again to the relay that starts anew: of these claims nothing is left to count then.
  await eventually(() => [...addHours(watchers[0]?.doc.getMap(FIELD_MAPS.hours).entries() ?? []).values()].length > 0)
  await scene.kill()
  await scene.start()
  await eventually(
    () => watchers.every((watcher) => watcher.provider.synced && countedBy(watcher) === 0),
    undefined,
    60_000
  )
  const { peopleNow: left, hours } = await told(scene)
  expect(left).toBe(0)
  const sum = hours.reduce((total, each) => total + each.peopleSeconds, 0)
  expect(sum).toBeGreaterThan(0)
  expect(sum).toBeLessThanOrEqual(3 * 10)
  const run = [...(watchers[0]?.doc.getMap(FIELD_MAPS.now).keys() ?? [])]
  expect(run.length).toBeLessThanOrEqual(1)
}, 120_000)
