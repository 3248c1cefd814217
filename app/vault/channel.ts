/** Typed calls over a message port. Values cross by structured clone: bytes and plain objects, never functions. */

/** What Worker, MessagePort and a worker's own scope have in common. */
export interface CallPort {
  postMessage(message: unknown): void
  addEventListener(type: 'message' | 'messageerror' | 'error', listener: (event: Event) => void): void
  /** A MessagePort holds its messages back until it is started. */
  start?(): void
}

/** Verbs that one side answers. `never[]` takes any parameters; Caller keeps their types. */
export type Verbs = Record<string, (...parts: never[]) => Promise<unknown>>

export interface Caller<Api extends Verbs> {
  /** Rejects with the thrown message of the other side, or with ChannelBroken. */
  call<Verb extends keyof Api & string>(verb: Verb, ...parts: Parameters<Api[Verb]>): ReturnType<Api[Verb]>
}

/** The other side is gone or speaks nonsense. Nothing is known of what it did with the calls under way. */
export class ChannelBroken extends Error {
  override readonly name = 'ChannelBroken'
}

type Answer = { readonly id: number } & ({ readonly value: unknown } | { readonly thrown: string })

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))

export const createCaller = <Api extends Verbs>(port: CallPort): Caller<Api> => {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(reason: Error): void }>()
  let lastId = 0
  let broken: ChannelBroken | undefined

  const breakAll = (event: Event): void => {
    const reason = 'message' in event && event.message ? String(event.message) : event.type
    broken = new ChannelBroken(reason)
    for (const { reject } of waiting.values()) reject(broken)
    waiting.clear()
  }
  port.addEventListener('message', (event) => {
    const answer = (event as MessageEvent<Answer>).data
    const call = waiting.get(answer.id)
    waiting.delete(answer.id)
    if ('thrown' in answer) call?.reject(new Error(answer.thrown))
    else call?.resolve(answer.value)
  })
  port.addEventListener('messageerror', breakAll)
  port.addEventListener('error', breakAll)
  port.start?.()

  const call = (verb: string, ...parts: unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (broken) return reject(broken)
      lastId += 1
      // A part that cannot be cloned throws here, before anybody waits for an answer.
      port.postMessage({ id: lastId, verb, parts })
      waiting.set(lastId, { resolve, reject })
    })
  return { call: call as unknown as Caller<Api>['call'] }
}

export const answerCalls = (port: CallPort, verbs: Verbs): void => {
  port.addEventListener('message', (event) => {
    const { id, verb, parts } = (event as MessageEvent<{ id: number; verb: string; parts: never[] }>).data
    const run = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
    const done = run ? run(...parts) : Promise.reject(new Error(`no such call: ${verb}`))
    done.then(
      (value) => port.postMessage({ id, value }),
      (thrown: unknown) => port.postMessage({ id, thrown: messageOf(thrown) })
    )
  })
  port.start?.()
}
