import type { DocBytes, DocLog, DocPath, SealedRow, SyncLog } from '#app/store/ports.ts'
import type { Keyholder } from '#app/vault/ports.ts'
import { ok } from '#core/result.ts'
import type { DeviceFlaw } from './world.ts'

/** Mutants on the device's side, around the ports its session is given. */

export interface Parts<Log extends DocLog & SyncLog> {
  readonly log: Log
  readonly keyholder: Keyholder
  readonly docBytes: DocBytes
}

/** Sealed bytes stay in the tab's memory until their ACK: a tab that dies in between seals other bytes under the same counter. */
const sendBeforeStore = <Log extends DocLog & SyncLog>(log: Log): Log => {
  const unkept = new Map<DocPath, SealedRow[]>()
  const of = (doc: DocPath): SealedRow[] => {
    const rows = unkept.get(doc) ?? []
    unkept.set(doc, rows)
    return rows
  }
  const keepUpTo = async (doc: DocPath, counter: number): Promise<void> => {
    const rows = of(doc)
    while (rows[0] && rows[0].counter <= counter) {
      await log.keepSealed(doc, rows[0])
      rows.shift()
    }
  }
  const highest = (acks: readonly { readonly counter: number }[]): number =>
    Math.max(0, ...acks.map(({ counter }) => counter))
  return {
    ...log,
    keepSealed: async (doc, sealed) => {
      of(doc).push(sealed)
      return ok(undefined)
    },
    author: async (doc) => {
      const last = of(doc).at(-1)
      return last ? ok({ counter: last.counter, innerHash: last.innerHash }) : log.author(doc)
    },
    unsealed: async (doc) => {
      const sealed = new Set(of(doc).flatMap(({ rows }) => rows))
      const rows = await log.unsealed(doc)
      return rows.ok ? ok(rows.value.filter(({ id }) => !sealed.has(id))) : rows
    },
    unacknowledged: async (doc, relay) => {
      const rows = await log.unacknowledged(doc, relay)
      return rows.ok ? ok([...rows.value, ...of(doc)]) : rows
    },
    acknowledge: async (doc, relay, acks) => {
      await keepUpTo(doc, highest(acks))
      return log.acknowledge(doc, relay, acks)
    },
    receive: async (doc, relay, received) => {
      await keepUpTo(doc, highest(received.own))
      return log.receive(doc, relay, received)
    }
  }
}

/** What this device holds is never compared with what the relay gives, after a snapshot or a fork. */
const withoutComparison = (docBytes: DocBytes): DocBytes => ({ ...docBytes, missing: () => undefined })

/** A snapshot is believed to hold whatever this device ever sealed. */
const withoutCoversCheck = (
  { log, keyholder }: Pick<Parts<DocLog & SyncLog>, 'log' | 'keyholder'>,
  paths: readonly DocPath[]
): Keyholder => ({
  ...keyholder,
  openSnapshot: async (shard, bytes) => {
    const opened = await keyholder.openSnapshot(shard, bytes)
    const shards = await Promise.all(paths.map((path) => keyholder.shard(path)))
    const path = paths[shards.indexOf(shard)]
    const author = path && (await log.author(path))
    if (opened.status !== 'snapshot' || !author?.ok || author.value.counter === 0) return opened
    const { device, deviceCertificate: certificate } = keyholder
    const others = opened.body.covers.filter((cover) => cover.device !== device)
    return { ...opened, body: { ...opened.body, covers: [...others, { device, certificate, ...author.value }] } }
  }
})

export const flawed = <Log extends DocLog & SyncLog>(
  flaw: DeviceFlaw | undefined,
  parts: Parts<Log>,
  paths: readonly DocPath[]
): Parts<Log> => {
  switch (flaw) {
    case undefined:
      return parts
    case 'send-before-store':
      return { ...parts, log: sendBeforeStore(parts.log) }
    case 'no-covers-check':
      return { ...parts, keyholder: withoutCoversCheck(parts, paths) }
    case 'no-comparison':
      return { ...parts, docBytes: withoutComparison(parts.docBytes) }
  }
}
