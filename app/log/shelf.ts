import type { Shelf } from '#app/store/ports.ts'
import { ok } from '#core/result.ts'
import type { Engine } from './engine.ts'

export const createShelf = (engine: Engine): Shelf => ({
  get: (key) =>
    engine.transact({ operation: 'get', mode: 'read', tables: ['shelf'] }, async (tx) =>
      ok((await tx.get('shelf', [key]))?.value)
    ),

  put: (key, value) =>
    engine.transact({ operation: 'put', mode: 'durable', tables: ['shelf'] }, async (tx) => {
      tx.put('shelf', [key], { value })
      return ok(undefined)
    }),

  delete: (key) =>
    engine.transact({ operation: 'delete', mode: 'durable', tables: ['shelf'] }, async (tx) => {
      tx.delete('shelf', [key])
      return ok(undefined)
    })
})
