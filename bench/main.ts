import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

/** `npm run bench` runs every bench, `npm run bench -- relay` one of them, `npm run bench -- peers A B --quick` a part of one. Each folder here with a main.ts is a bench. */

const here = import.meta.dirname
const all = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort()

/** Names of benches come first; what follows the name of one is its own. */
const words = process.argv.slice(2)
const firstOther = words.findIndex((word) => !all.includes(word))
const wanted = firstOther < 0 ? words : words.slice(0, firstOther)
const rest = firstOther < 0 ? [] : words.slice(firstOther)

interface Bench {
  readonly run: (words: readonly string[]) => Promise<void>
}

const load = async (name: string): Promise<Bench> => (await import(join(here, name, 'main.ts'))) as Bench

const [first = ''] = wanted
const benches = new Map<string, Bench>()
for (const name of wanted.length > 0 || rest.length > 0 ? wanted : all) benches.set(name, await load(name))
if (rest.length > 0 && (benches.size !== 1 || benches.get(first)?.run.length === 0)) {
  console.error(`No bench named ${rest.join(', ')}. There are: ${all.join(', ')}.`)
  process.exit(2)
}

for (const [name, bench] of benches) {
  console.log(`\n## ${name}\n`)
  await bench.run(rest)
}
