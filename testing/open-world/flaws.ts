/** One defence taken out: a world that does not notice would not notice a mistake there either. */
export type Flaw =
  | 'fan-out-before-durable'
  | 'answer-to-everybody'
  | 'load-failure-as-empty'
  | 'adopt-without-compare'
  | 'compaction-drops-newer-rows'
  | 'claims-what-lies-behind-a-gap'
  | 'old-socket-takes-presence-away'
  | 'drops-an-update'
  | 'forgets-who-left'

  /** Of several relays: one never asks the store by itself, nor when the bus may have missed something. */
  | 'never-polls'
  /** Of several relays: a step 1 is answered from what the relay knows. */
  | 'answers-without-asking'
  /** Of several relays: one that died goes on saying that it lives. */
  | 'dead-relay-lives'

/** Noticed in worlds of several relays. */
export const RELAY_FLAWS: readonly Flaw[] = ['never-polls', 'answers-without-asking', 'dead-relay-lives']

export const FLAWS: readonly Flaw[] = [
  'fan-out-before-durable',
  'answer-to-everybody',
  'load-failure-as-empty',
  'adopt-without-compare',
  'compaction-drops-newer-rows',
  'claims-what-lies-behind-a-gap',
  'old-socket-takes-presence-away',
  'drops-an-update',
  'forgets-who-left'
]
