import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

/** `npm run bench` runs every bench, `npm run bench -- relay` one of them. Each folder here with a main.ts is a bench. */

const here = import.meta.dirname
const all = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort()

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !all.includes(name))
if (unknown.length > 0) {
  console.error(`No bench named ${unknown.join(', ')}. There are: ${all.join(', ')}.`)
  process.exit(2)
}

for (const name of wanted.length > 0 ? wanted : all) {
  console.log(`\n## ${name}\n`)
  const bench = (await import(join(here, name, 'main.ts'))) as { readonly run: () => Promise<void> }
  await bench.run()
}
