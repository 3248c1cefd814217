import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startRelayProcess, temporaryFolder } from '#testing/wire/relay-process.ts'

const RUNBOOK = join(import.meta.dirname, '../../docs/runbook.md')

/** Names as Prometheus declares them, with the labels that were seen. */
const declared = (scrape: string): string[] =>
  [...scrape.matchAll(/^# TYPE (council_\w+) /gm)].flatMap(([, name]) => name ?? []).sort()

const labelsSeen = (scrape: string, name: string): string[] => {
  const line = new RegExp(`^${name}(?:_bucket|_sum|_count)?\\{([^}]*)\\}`, 'm').exec(scrape)?.[1] ?? ''
  return [...line.matchAll(/(\w+)="/g)].flatMap(([, label]) => (label === 'le' ? [] : (label ?? [])))
}

test('every metric of a running relay is in the runbook, and every one there exists', async () => {
  await using folder = await temporaryFolder()
  const relay = await startRelayProcess({ databasePath: join(folder.path, 'council.db') })
  const answer = await fetch(`${relay.origin}/metrics`)
  const scrape = await answer.text()
  await relay.stop()
  const table = (await readFile(RUNBOOK, 'utf8')).split('## What the metrics say')[1]?.split('## The log')[0] ?? ''
  const rows = table.split('\n').filter((line) => line.startsWith('| `council_'))
  const explained = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(council_\w+)(?:\{([\w,]+)\})?`/g)])
  expect(explained.map(([, name]) => name).sort()).toEqual(declared(scrape))
  for (const [, name = '', labels = ''] of explained) {
    const seen = labelsSeen(scrape, name)
    // What has not happened yet shows no labels.
    if (seen.length > 0) expect([name, seen]).toEqual([name, labels.split(',')])
  }
  // No metric has a label that could grow with people or rooms.
  const labels = new Set(
    [...scrape.matchAll(/^council_\w+\{([^}]*)\}/gm)].flatMap(([, text = '']) => text.match(/\w+(?==")/g) ?? [])
  )
  const bounded = new Set(['endpoint', 'direction', 'outcome', 'kind', 'name', 'code', 'status', 'cause', 'verb', 'le'])
  expect([...labels].filter((label) => !bounded.has(label))).toEqual([])
})

test('metrics are for this machine alone unless the host says otherwise', async () => {
  await using folder = await temporaryFolder()
  const relay = await startRelayProcess({ databasePath: join(folder.path, 'council.db') })
  expect((await fetch(`${relay.origin}/metrics`)).status).toBe(200)
  const proxied = await fetch(`${relay.origin}/metrics`, { headers: { 'x-forwarded-for': '203.0.113.9' } })
  expect(proxied.status).toBe(404)
  await relay.stop()
  const behindProxy = await startRelayProcess({
    databasePath: join(folder.path, 'council.db'),
    env: { TRUST_PROXY: '1' }
  })
  expect((await fetch(`${behindProxy.origin}/metrics`)).status).toBe(404)
  await behindProxy.stop()
})
