import { expect, test } from 'vitest'
import { openScene } from './scene.ts'
import { eventually } from './stock-client.ts'

/** Updates another client has seen when the relay is killed: early, in the middle, and after bases were rewritten. */
const KILLED_AFTER = [1, 7, 60, 300, 1_200]

test('[OR8] what anyone saw is there after kill -9, whenever that was', async () => {
  await using scene = await openScene()
  for (const after of KILLED_AFTER) {
    const room = `killed after ${after}`
    const writer = scene.client('3.1', room)
    const watcher = scene.client('2.1', room)
    await eventually(() => writer.provider.synced && watcher.provider.synced)
    let written = 0
    const stream = setInterval(() => {
      for (let burst = 0; burst < 3; burst++) writer.write(`${written++} `)
    }, 1)
    await eventually(
      () => watcher.text().split(' ').length > after,
      () => `${written} written, seen ${watcher.text().length}`,
      60_000
    )
    await scene.kill()
    clearInterval(stream)
    writer[Symbol.dispose]()
    const seen = watcher.text()
    watcher[Symbol.dispose]()
    await scene.start()
    const late = scene.client('1.5', room)
    await eventually(() => late.provider.synced)
    const kept = late.text().startsWith(seen)
    console.log(
      `killed after ${after}: ${written} written, ${seen.split(' ').length - 1} seen, ${late.text().split(' ').length - 1} kept`
    )
    expect(kept, `seen and lost after ${after}`).toBe(true)
  }
})
