import process from 'node:process'
import { CLUSTERS, openCluster } from './clusters.ts'
import { SECTIONS } from './sections.ts'

/** One run in a process of its own: `measure.ts <section> <cluster> <variant> quick|full`. Prints the figures as JSON. */

const [id, name, variant = '', form] = process.argv.slice(2)
const section = SECTIONS.find((each) => each.id === id)
const cluster = CLUSTERS.find((each) => each === name)
if (section === undefined || cluster === undefined) throw new Error(`no section ${id} or cluster ${name}`)

const opened = await openCluster(cluster)
try {
  const figures = await section.run(opened, variant, form === 'quick')
  process.stdout.write(`${JSON.stringify(figures)}\n`)
} finally {
  await opened[Symbol.asyncDispose]()
}
process.exit(0)
