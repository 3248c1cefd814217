import { BUILT_IN_PATTERNS } from '#app/domain/breath/built-in.ts'
import type { JournalEntry } from '#app/domain/journal/entry.ts'
import type { RecordId } from '#app/domain/practice/record.ts'
import { DEFAULT_SETTINGS } from '#app/domain/settings/parse.ts'
import { err, ok, type Result } from '#core/result.ts'
import { createCell } from './cell.ts'
import { createDispatch } from './dispatch.ts'
import { createDocs } from './docs.ts'
import type { Saved, Store, StoreStatus, Unsaved } from './face.ts'
import { failureReason } from './failure.ts'
import { createJournals } from './journals.ts'
import { readRelays, readSettings } from './keyring-doc.ts'
import { readFavourites, readPatterns } from './library-doc.ts'
import { createLostEdits } from './lost-edits.ts'
import type { OpenDoc } from './open-doc.ts'
import { KEYRING_PATH, LIBRARY_PATH, parsePath } from './paths.ts'
import type { DocLog, DocPath, LogFailure, Shelf } from './ports.ts'

export type StoreOptions = {
  readonly log: DocLog
  readonly shelf: Shelf
  /** Unguessable, for record copies and the device's own mark. */
  readonly randomId: () => string
  /** Yjs' name for whoever writes, 32 bits, for each document that is opened; unless given it draws its own. */
  readonly clientId?: () => number
  /** Year of the civil day now: opened at the start. */
  readonly currentYear: number
  /** Resolves when there is time to read the current year, where nothing asked for it before: opening must not wait for a decade of journal. */
  readonly idle?: () => Promise<void>
  /** Before reading a year and before listing its entries: each is a long piece of work, and a tap goes first. */
  readonly breather?: () => Promise<void>
  /** Runs later, once (some 15 s): a failed write is tried again. */
  readonly retryLater: (run: () => void) => void
}

const DEVICE_KEY = 'store/device'

export const createStore = (options: StoreOptions): Store => {
  const { log, shelf, randomId, clientId, currentYear, retryLater, idle, breather } = options
  const settings = createCell(DEFAULT_SETTINGS)
  const relays = createCell<ReturnType<Store['relays']['get']>>([])
  const patterns = createCell(BUILT_IN_PATTERNS)
  const favourites = createCell<ReturnType<Store['favourites']['get']>>(new Set())
  const paths = createCell<readonly DocPath[]>([])
  const status = createCell<StoreStatus>({ unsaved: 0, writeError: null, ready: false, failed: [], readOnly: [] })
  const lostEdits = createLostEdits(shelf)
  let device = ''
  let ready = false
  let writeError: LogFailure | null = null

  const journals = createJournals({
    docs: () => docs,
    currentYear,
    device: () => device,
    onLost: (entry) => void lostEdits.add(entry, randomId() as RecordId),
    onWritten: (written) => settle(written)
  })

  const report = (): void => {
    const next: StoreStatus = {
      unsaved: docs.all().reduce((sum, doc) => sum + doc.unsaved(), 0),
      writeError: writeError === null ? null : failureReason(writeError),
      ready,
      failed: [...docs.failures()].map(([path, failure]) => ({ path, reason: failureReason(failure) })),
      readOnly: docs.all().flatMap(({ path, readOnly }) => (readOnly() ? [path] : []))
    }
    if (JSON.stringify(next) !== JSON.stringify(status.get())) status.set(next)
    journals.refresh()
    const known = [KEYRING_PATH, LIBRARY_PATH, ...journals.paths()]
    if (known.join() !== paths.get().join()) paths.set(known)
  }

  const readKeyring = ({ doc }: OpenDoc): void => {
    settings.set(readSettings(doc))
    const next = readRelays(doc)
    if (JSON.stringify(next) !== JSON.stringify(relays.get())) relays.set(next)
  }
  const readLibrary = ({ doc }: OpenDoc): void => {
    patterns.set(readPatterns(doc))
    favourites.set(readFavourites(doc, patterns.get()))
  }

  const onOpened = (open: OpenDoc): void => {
    if (clientId !== undefined) open.doc.clientID = clientId()
    const read = open.path === KEYRING_PATH ? readKeyring : open.path === LIBRARY_PATH ? readLibrary : null
    read?.(open)
    journals.opened(open)
    open.doc.on('afterTransaction', (transaction) => {
      if (transaction.changed.size > 0) read?.(open)
    })
    open.doc.on('update', report)
  }
  const docs = createDocs(log, onOpened, async (path) => {
    if (parsePath(path)?.kind === 'journal') await breather?.()
  })

  const open = async (path: DocPath): Promise<Result<OpenDoc, LogFailure>> => {
    const there = docs.opened(path)
    if (there !== null) return ok(there)
    const reading = docs.open(path)
    journals.refresh()
    const result = await reading
    report()
    return result
  }

  let retrying = false
  const settle = (written: Result<void, LogFailure>): void => {
    // Another document's write may still be waiting.
    if (!written.ok) writeError = written.error
    else if (docs.all().every((doc) => doc.unsaved() === 0)) writeError = null
    report()
    if (written.ok || retrying) return
    retrying = true
    retryLater(() => {
      retrying = false
      void flushAll()
    })
  }
  const flushAll = async (): Promise<void> => {
    for (const doc of docs.all()) if (doc.unsaved() > 0) settle(await doc.flush())
  }

  const dispatch = createDispatch({ docs, open, journals, device: () => device, settle })

  const openYears = async (years: readonly number[]): Promise<Result<void, string>> => {
    const results = await Promise.all(years.map((year) => open(journals.pathOf(year))))
    const failed = results.find((result) => !result.ok)
    return failed === undefined || failed.ok ? ok(undefined) : err(failureReason(failed.error))
  }

  const onRowsChanged = async (path: DocPath): Promise<void> => {
    journals.noticed(path)
    const read = await docs.opened(path)?.catchUp()
    // A closed log belongs to a tab that is on its way out.
    if (read?.ok === false && read.error.kind !== 'closed') retryLater(() => void onRowsChanged(path))
    report()
  }
  const stopListening = log.subscribe((path) => void onRowsChanged(path))

  /** The device's mark is drawn once and shared by its tabs; without a shelf it lasts as long as this tab. */
  const readDevice = async (): Promise<string> => {
    const kept = await shelf.get(DEVICE_KEY)
    if (kept.ok && typeof kept.value === 'string') return kept.value
    const drawn = randomId()
    if (kept.ok) await shelf.put(DEVICE_KEY, drawn)
    return drawn
  }

  const markDevice = async (): Promise<void> => {
    if (device === '') device = await readDevice()
  }
  /**
   * The keyring names the years; what it does not name is found here. A look at the keys of all documents takes longer with every year,
   * so no screen waits for it.
   */
  const noticeDocuments = async (): Promise<void> => {
    const known = await log.documents()
    if (known.ok) for (const path of known.value) journals.noticed(path)
    report()
  }
  /** What the first screen needs, all at once: none of these reads waits for another. */
  const readFirst = async (): Promise<void> => {
    await Promise.all([markDevice(), lostEdits.read(), open(KEYRING_PATH), open(LIBRARY_PATH)])
    report()
  }

  const readCurrentYear = async (): Promise<void> => {
    const year = docs.opened(KEYRING_PATH) === null ? null : await open(journals.pathOf(currentYear))
    ready = year?.ok === true && docs.opened(LIBRARY_PATH) !== null
    report()
  }

  const keepCopy = (entry: JournalEntry, id: RecordId): Promise<Result<Saved, Unsaved>> =>
    dispatch(
      entry.kind === 'practice'
        ? { kind: 'keep-practice', record: { ...entry, id } }
        : { kind: 'write-line', line: { ...entry, id } }
    )

  const usable = readFirst()
  const noticed = usable.then(noticeDocuments)
  const settled = noticed.then(idle).then(readCurrentYear)
  return {
    settings,
    relays,
    patterns,
    favourites,
    journal: journals.live,
    lostEdits: lostEdits.live,
    status,
    paths,
    usable,
    settled,
    dispatch: async (command) => {
      await usable
      return dispatch(command)
    },
    openYear: async (year) => {
      await usable
      return openYears([year])
    },
    openAll: async () => {
      await noticed
      return openYears(journals.live.get().years.map(({ year }) => year))
    },
    answerLostEdit: async (id, answer) => {
      await usable
      const offer = await lostEdits.find(id)
      const kept =
        offer === null || answer === 'let-go' ? ok({ undo: null }) : await keepCopy(offer.entry, offer.copyId)
      if (kept.ok) await lostEdits.drop(id)
      return kept
    },
    retry: async () => {
      await usable
      await Promise.all([...docs.failures().keys()].map(open))
      await readFirst()
      await noticeDocuments()
      await readCurrentYear()
      await flushAll()
    },
    close: stopListening
  }
}
