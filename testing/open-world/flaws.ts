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
