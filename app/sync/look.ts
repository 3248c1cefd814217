import type { DocPath, RelayName } from '#app/store/ports.ts'
import type { Keyholder, Vault } from '#app/vault/ports.ts'
import { decodeErasureProof } from '#core/certificate.ts'
import { EMPTY_CHAIN_HASH } from '#core/chain.ts'
import { seq } from '#core/ids.ts'
import { refusalFromCode } from '#core/refusal.ts'
import { converse, hearOne, type Line, type TalkPorts } from './converse.ts'

/** Is there a journal under these words? Asked without changing anything, here or at the relay. */

export type Sight =
  | { readonly kind: 'relay-not-reached' }
  /** The living root is there and has something in it. */
  | { readonly kind: 'found'; readonly keyholder: Keyholder }
  /** Nothing was ever kept under the phrase at this relay. */
  | { readonly kind: 'nothing'; readonly keyholder: Keyholder }
  /** What was kept was erased, and nothing new was begun since. `keyholder`: where a new journal would begin. */
  | { readonly kind: 'erased'; readonly keyholder: Keyholder }

const KEYRING = 'keyring' as DocPath
/** Nobody erases a journal so often; a relay that always says "erased" must not keep us walking. */
const MOST_INCARNATIONS = 64

type Answer = 'found' | 'empty' | 'erased' | 'refused'

export const lookUnder = async (
  ports: TalkPorts & { readonly vault: Pick<Vault, 'consider' | 'verifyErasure'> },
  words: readonly string[],
  relay: RelayName
): Promise<Sight> => {
  for (let incarnation = 0; incarnation < MOST_INCARNATIONS; incarnation++) {
    const considered = await ports.vault.consider(words, incarnation)
    if (!considered.ok) return { kind: 'relay-not-reached' }
    const keyholder = considered.value
    const answer = await converse(ports, relay, (line) => ask(ports, line, keyholder, relay))
    if (answer === undefined || answer === 'refused') return { kind: 'relay-not-reached' }
    if (answer === 'found') return { kind: 'found', keyholder }
    if (answer === 'empty') return { kind: incarnation === 0 ? 'nothing' : 'erased', keyholder }
  }
  return { kind: 'relay-not-reached' }
}

const ask = async (
  ports: { readonly vault: Pick<Vault, 'verifyErasure'> },
  line: Line,
  keyholder: Keyholder,
  relay: RelayName
): Promise<Answer | undefined> => {
  const { root } = keyholder
  line.send({ type: 'open', ch: 0, root })
  const challenge = await hearOne(line, 'challenge', 'nack')
  if (challenge?.type !== 'challenge') return challenge && 'refused'
  const signature = await keyholder.authenticate({ host: relay, ...challenge })
  const certificate = keyholder.writerCertificate
  line.send({ type: 'auth', ch: 0, certificate, signature, host: relay, admission: '' })
  const ready = await hearOne(line, 'ready', 'nack')
  // Who has begun goes on without a voucher: a relay that asks for one holds nothing under these words.
  if (ready?.type === 'nack' && refusalFromCode(ready.code) === 'admission') return 'empty'
  if (ready?.type === 'nack') return isErased(ports, keyholder, ready.code, ready.detail)
  if (ready === undefined) return undefined
  line.send({ type: 'pull', ch: 0, shard: await keyholder.shard(KEYRING), after: seq(0), hashAfter: EMPTY_CHAIN_HASH })
  const first = await hearOne(line, 'head', 'entries', 'snapshot', 'nack')
  if (first === undefined) return undefined
  if (first.type === 'nack') return isErased(ports, keyholder, first.code, first.detail)
  return first.type === 'head' && first.seq === 0 ? 'empty' : 'found'
}

/** "Erased" is believed with a proof only: a relay that merely says so could send a person away from their journal. */
const isErased = async (
  { vault }: { readonly vault: Pick<Vault, 'verifyErasure'> },
  { root }: Keyholder,
  code: number,
  detail: Uint8Array
): Promise<Answer> => {
  const proof = decodeErasureProof(detail)
  const about = refusalFromCode(code) === 'erased' && proof.ok && proof.value.scope.root === root
  return about && (await vault.verifyErasure(proof.value)) ? 'erased' : 'refused'
}
