import { entropyToMnemonic } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import * as Y from 'yjs'
import type { Random } from '#testing/random.ts'
import { connect } from '#testing/spec-client/client.ts'
import { deriveRoot } from '#testing/spec-client/keys.ts'
import { type OpenRoom, openRoom } from './open-room.ts'
import { pause, within } from './pause.ts'
import { JOURNAL, openSealedDevice, type SealedDevice } from './sealed-device.ts'

/** Who is at the relays when something breaks: at each front some, in every room and journal somebody from another. */
export interface People {
  /** Rooms whose people stay. */
  readonly staying: readonly OpenRoom[]
  /** Rooms whose people vanish in the middle of it. */
  readonly left: readonly OpenRoom[]
  /** Two devices for each phrase. */
  readonly journals: readonly (readonly SealedDevice[])[]
  readonly vanishing: readonly SealedDevice[]
  /** A phrase whose root is erased in the middle of it. */
  readonly erased: string
  haveArrived(): boolean
  /** One edit in one of these rooms. */
  edit(rooms: readonly OpenRoom[]): void
  /** Those who were to vanish do. */
  leave(): void
  /** Everybody else too. */
  end(): void
}

const LEFT_ROOMS = 2
// Each stock client waits for the end of its process.
process.setMaxListeners(0)

const openAt = async <Value>(
  origin: string,
  phrase: string,
  act: (client: Awaited<ReturnType<typeof connect>>) => Promise<Value>
): Promise<Value> => {
  const client = await connect(`${origin.replace('http', 'ws')}/sealed`, deriveRoot(phrase, 0))
  try {
    await client.ready()
    return await act(client)
  } finally {
    client.terminate()
  }
}

const writeFirstLine = (origin: string, phrase: string): Promise<unknown> => {
  const doc = new Y.Doc()
  doc.getMap('lines').set('to be erased', 1)
  return openAt(origin, phrase, (client) => client.push(JOURNAL, Y.encodeStateAsUpdate(doc)))
}

/** `erased`, where it was done before the answer got lost. */
const ERASED = 9

/** Whatever happens meanwhile, as a person does who presses the button again. */
export const eraseForGood = async (origin: string, phrase: string): Promise<void> => {
  const once = (): Promise<boolean> =>
    within(
      5_000,
      openAt(origin, phrase, (client) => client.erase())
    ).then(
      () => true,
      (thrown) => (thrown as { code?: unknown }).code === ERASED
    )
  while (!(await once())) await pause(100)
}

export const gatherPeople = async (fronts: readonly string[], seed: number, random: Random): Promise<People> => {
  const at = (i: number): string => fronts[i % fronts.length] ?? ''
  const newPhrase = (): string => entropyToMnemonic(random.bytes(16), wordlist)
  const erased = newPhrase()
  await writeFirstLine(at(0), erased)
  const journals = ['plain', 'compacted', 'vanishing'].map((kind) => {
    const phrase = newPhrase()
    return [0, 1].map((i) => {
      const snapshots = kind === 'compacted'
      return openSealedDevice({ name: `${kind}${i}`, origin: at(i), phrase, random: random.fork(), snapshots })
    })
  })
  const vanishing = journals.at(-1) ?? []
  const origins = (count: number, from = 0): string[] => Array.from({ length: count }, (_, i) => at(from + i))
  const left = Array.from({ length: LEFT_ROOMS }, (_, i) => openRoom(`left ${seed}/${i}`, origins(3), random.fork()))
  const staying = [
    openRoom(`staying ${seed}`, origins(4), random.fork()),
    // Who only looks on at another relay makes nothing that would show them a gap.
    ...fronts.map((_, i) => openRoom(`watched ${seed}/${i}`, origins(3, i), random.fork(), 1))
  ]
  let haveLeft = false
  const leave = (): void => {
    if (haveLeft) return
    haveLeft = true
    for (const each of [...left, ...vanishing]) each.vanish()
  }
  return {
    staying,
    left,
    journals,
    vanishing,
    erased,
    haveArrived: () =>
      [...staying, ...left].every((room) => room.areSynced()) &&
      journals.flat().every((device) => device.connections() > 0),
    edit: (rooms) => random.pick(rooms).edit(),
    leave,
    end() {
      leave()
      for (const each of [...staying, ...journals.flat()]) each.vanish()
    }
  }
}
