import { documents, folding } from './documents.contract.ts'
import { changingHands, keeping } from './keeping.contract.ts'
import type { OpenLogs } from './log.fixture.ts'
import { acknowledging, sealing } from './outbox.contract.ts'
import { receiving } from './pulling.contract.ts'

/** The suite of all three ports, DocLog, SyncLog and Shelf. Rules: docs/spec/device-log.md. */
export const logContract = (open: OpenLogs): void => {
  documents(open)
  folding(open)
  sealing(open)
  acknowledging(open)
  receiving(open)
  changingHands(open)
  keeping(open)
}
