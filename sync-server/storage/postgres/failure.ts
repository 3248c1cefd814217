import type { StoreFailure } from '#server/rooms/ports.ts'

/** What Postgres, or the way to it, said. Codes: appendix A of its manual, or Node's for the network. */
export const codeOf = (cause: unknown): string => {
  if (typeof cause !== 'object' || cause === null) return ''
  if ('code' in cause && typeof cause.code === 'string') return cause.code
  // A name with several addresses fails once for each.
  return cause instanceof AggregateError ? codeOf(cause.errors[0]) : ''
}

export const reasonOf = (cause: unknown): string => {
  if (cause instanceof AggregateError && cause.message === '') return reasonOf(cause.errors[0])
  return cause instanceof Error ? cause.message : String(cause)
}

const DISK_FULL = '53100'

/** What Postgres said, as the rooms know it. A connection that was lost is a failure too: whether anything was kept is not known. */
export const asStoreFailure = (cause: unknown): StoreFailure =>
  codeOf(cause) === DISK_FULL ? { kind: 'relay-full' } : { kind: 'store', reason: reasonOf(cause) }

/** Two transactions in each other's way: neither was kept, the same again may pass. Our order of locks prevents it; administrators may not. */
export const isPassing = (cause: unknown): boolean => ['40001', '40P01'].includes(codeOf(cause))

/** Something of the batch is to blame (no room for all of it, a value that Postgres refuses): its parts may pass. */
export const isOfContent = (cause: unknown): boolean => /^(22|23|53|54)/.test(codeOf(cause))
