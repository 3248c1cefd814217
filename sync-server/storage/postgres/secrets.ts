import type { Connections } from './connections.ts'
import type { Schemas } from './schema.ts'

/** What relays of one store share: of several that make one at once the first counts. */
export const secretOf = async (
  db: Connections,
  { store }: Schemas,
  name: string,
  make: () => string
): Promise<string> => {
  const read = async (): Promise<string | undefined> => {
    const [row] = await db.query(`SELECT value FROM ${store}.secret WHERE name = $1`, [name])
    return row?.value as string | undefined
  }
  const present = await read()
  if (present !== undefined) return present
  await db.query(`INSERT INTO ${store}.secret (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`, [
    name,
    make()
  ])
  const made = await read()
  if (made === undefined) throw new Error(`the store lost its secret ${name}`)
  return made
}
