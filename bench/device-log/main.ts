import { createRequire } from 'node:module'
import { buildApp } from '#scripts/build-app.ts'
import { openApps } from './app-open.ts'
import { ask, median, openProfile } from './browser.ts'
import { openSite, type Site } from './site.ts'

/** The device's own log beside y-indexeddb, and the app with ten years of journal opened cold beside an empty one. */

const ROUNDS = 7
const EDITS = 200
const YEAR = 1_095

const versionOf = (name: string): string =>
  (createRequire(import.meta.url)(`${name}/package.json`) as { readonly version: string }).version

interface Pair {
  readonly what: string
  readonly log: number
  readonly peer: number
}

const compare = async (site: Site): Promise<readonly Pair[]> => {
  const profile = await openProfile()
  const context = await profile.launch()
  const took = { append: [[], []], year: [[], []], rows: [[], []] } as Record<string, [number[], number[]]>
  const note = (what: string, log: number, peer: number) => {
    took[what]?.[0].push(log)
    took[what]?.[1].push(peer)
  }
  try {
    // A year each, as either leaves it when it had time to fold; and 400 rows, which y-indexeddb does not fold yet.
    await ask(context, site.url, 'appendLog', 'log-year', YEAR)
    await ask(context, site.url, 'foldLog', 'log-year')
    await ask(context, site.url, 'appendPeer', 'peer-year', YEAR)
    for (let round = 0; round < ROUNDS; round++) {
      const name = `round-${round}`
      note(
        'append',
        await ask(context, site.url, 'appendLog', `log-${name}`, EDITS),
        await ask(context, site.url, 'appendPeer', `peer-${name}`, EDITS)
      )
      note(
        'rows',
        await ask(context, site.url, 'loadLog', `log-${name}`),
        await ask(context, site.url, 'loadPeer', `peer-${name}`)
      )
      note(
        'year',
        await ask(context, site.url, 'loadLog', 'log-year'),
        await ask(context, site.url, 'loadPeer', 'peer-year')
      )
      process.stderr.write('.')
    }
    process.stderr.write('\n')
    console.log(
      `chromium ${context.browser()?.version() ?? ''}, y-indexeddb ${versionOf('y-indexeddb')}, yjs ${versionOf('yjs')}`
    )
  } finally {
    await context.close()
    profile.remove()
  }
  const pair = (what: string, key: string, per: number): Pair => ({
    what,
    log: median(took[key]?.[0] ?? []) / per,
    peer: median(took[key]?.[1] ?? []) / per
  })
  return [
    pair('one edit until it is kept, ms (ours on the disk with its outbox row, theirs relaxed)', 'append', EDITS),
    pair(`open and load ${EDITS} rows not folded, ms`, 'rows', 1),
    pair('open and load a year, folded, ms', 'year', 1)
  ]
}

export const run = async (): Promise<void> => {
  await buildApp({ onlyIfChanged: true })
  const site = await openSite()
  try {
    console.log(`Medians of ${ROUNDS} interleaved runs.\n`)
    const pairs = await compare(site)
    console.log('\n| | this log | y-indexeddb | ratio |\n|---|---:|---:|---:|')
    for (const { what, log, peer } of pairs)
      console.log(`| ${what} | ${log.toFixed(2)} | ${peer.toFixed(2)} | ${(log / peer).toFixed(2)} |`)
    await openApps(site)
  } finally {
    await site.close()
  }
}
