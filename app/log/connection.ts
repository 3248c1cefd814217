import type { LogFailure } from '#app/store/ports.ts'
import { assertNever, err, ok, type Result } from '#core/result.ts'
import { type Database, failureOf, type Opening, openDatabase, type Parting } from './database.ts'
import type { Plan } from './engine.ts'

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'opening'; readonly answer: Promise<Result<Database, LogFailure>> }
  /** The browser still waits for another tab; the attempt ends by itself in 'open' or 'idle'. */
  | { readonly kind: 'blocked' }
  | { readonly kind: 'open'; readonly database: Database }
  | { readonly kind: 'closed' }

export type BrowserTransaction = ReturnType<typeof beginOn>

export interface Connection {
  open(beginAgain: boolean): Promise<Result<void, LogFailure>>
  begin(plan: Plan): Promise<Result<BrowserTransaction, LogFailure>>
  close(): void
}

export const createConnection = (
  place: Omit<Opening, 'beginAgain' | 'onParting'>,
  onParting: (parting: Parting) => void
): Connection => {
  let state: State = { kind: 'idle' }

  const part = (parting: Parting) => {
    state = { kind: parting === 'lost' ? 'idle' : 'closed' }
    onParting(parting)
  }

  const connect = (beginAgain: boolean): Promise<Result<Database, LogFailure>> => {
    const attempt = openDatabase({ ...place, beginAgain, onParting: part })
    attempt.settled.then((settled) => {
      if (state.kind !== 'closed') state = settled.ok ? { kind: 'open', database: settled.value } : { kind: 'idle' }
      else if (settled.ok) settled.value.close()
    })
    const answer = attempt.first.then((first) => {
      if (!first.ok && first.error.kind === 'blocked' && state.kind === 'opening') state = { kind: 'blocked' }
      return state.kind === 'closed' ? err({ kind: 'closed' } as const) : first
    })
    state = { kind: 'opening', answer }
    return answer
  }

  const database = async (beginAgain: boolean): Promise<Result<Database, LogFailure>> => {
    switch (state.kind) {
      case 'idle':
        return connect(beginAgain)
      case 'opening':
        return state.answer
      case 'open':
        return ok(state.database)
      case 'blocked':
      case 'closed':
        return err({ kind: state.kind })
      default:
        return assertNever(state)
    }
  }

  const begin = async (plan: Plan, attempts: number): Promise<Result<BrowserTransaction, LogFailure>> => {
    const opened = await database(false)
    if (!opened.ok) return opened
    try {
      return ok(beginOn(opened.value, plan))
    } catch (fault) {
      // Safari loses connections without telling (WebKit bugs 197050, 273827): open anew, once.
      const lost = fault instanceof DOMException && fault.name === 'InvalidStateError' && state.kind === 'open'
      if (!lost || attempts <= 1) return err(failureOf(fault))
      state = { kind: 'idle' }
      return begin(plan, attempts - 1)
    }
  }

  return {
    open: async (beginAgain) => {
      const opened = await database(beginAgain)
      return opened.ok ? ok(undefined) : opened
    },
    begin: (plan) => begin(plan, 2),
    close: () => {
      if (state.kind === 'open') state.database.close()
      state = { kind: 'closed' }
    }
  }
}

/** Typed for writing: in a read transaction a write throws, and no plan does that. */
const beginOn = (database: Database, plan: Plan) =>
  database.transaction([...plan.tables], (plan.mode === 'read' ? 'readonly' : 'readwrite') as 'readwrite', {
    // 'strict' asks for a flush to the disk; Chromium's default since 121 is 'relaxed'.
    durability: plan.mode === 'durable' ? 'strict' : 'relaxed'
  })
