import type { Shelf } from '#app/store/ports.ts'
import { ok } from '#core/result.ts'

/** A shelf for tests and headless devices that keep nothing. Values are cloned as a database would. */
export const createMemoryShelf = (): Shelf & { readonly values: ReadonlyMap<string, unknown> } => {
  const values = new Map<string, unknown>()
  return {
    values,
    get: async (key) => ok(structuredClone(values.get(key))),
    put: async (key, value) => {
      values.set(key, structuredClone(value))
      return ok(undefined)
    },
    delete: async (key) => {
      values.delete(key)
      return ok(undefined)
    }
  }
}
