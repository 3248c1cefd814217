import type { LogFailure } from './ports.ts'

/** A log's failure as the name screens know it by. */
export const failureReason = (failure: LogFailure): string =>
  failure.kind === 'io' ? `io: ${failure.reason}` : failure.kind
