import { useState } from 'react'
import type { Words } from '#app/sync/status.ts'
import { t } from '#app/ui/i18n.ts'
import { Field } from '#app/ui/parts/Fields.tsx'
import { Say } from '#app/ui/parts/Say.tsx'
import type { ReadBack, ReadBackProblem } from '#app/ui/ports.ts'
import { useWorld } from '#app/ui/world.ts'
import { OtherWords } from './OtherWords.tsx'

type Reading =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'reading'; readonly done: number; readonly of: number }
  | { readonly kind: 'read'; readonly back: ReadBack }
  | { readonly kind: 'failed'; readonly why: ReadBackProblem; readonly file: File }

const told = (reading: Reading): string | null => {
  if (reading.kind === 'reading') return t('backup.reading')
  if (reading.kind !== 'read') return null
  const { added, alreadyHere, leftOut } = reading.back
  const done = t('backup.read-done', { added, alreadyHere })
  return leftOut === 0 ? done : `${done} ${t('backup.left-out', { count: leftOut })}`
}

export const ReadBackup = () => {
  const { backup } = useWorld()
  const [reading, setReading] = useState<Reading>({ kind: 'waiting' })
  const read = async (file: File, words?: Words): Promise<void> => {
    setReading({ kind: 'reading', done: 0, of: 0 })
    const onStep = (done: number, of: number): void => setReading({ kind: 'reading', done, of })
    const back = await backup.readFile(file, words === undefined ? { onStep } : { onStep, words })
    setReading(back.ok ? { kind: 'read', back: back.value } : { kind: 'failed', why: back.error, file })
  }
  const choose = async (input: HTMLInputElement): Promise<void> => {
    const file = input.files?.[0]
    // Not disabled meanwhile: that would take the focus away.
    if (file === undefined || reading.kind === 'reading') return
    await read(file)
    // The same file chosen again is a change again.
    input.value = ''
  }
  return (
    <section className="stack stack-close">
      <Field
        label={t('backup.read')}
        hint={t('backup.read-hint')}
        problem={reading.kind === 'failed' ? t(`backup.read-problem.${reading.why}`) : null}
      >
        {(ids) => <input {...ids} type="file" onChange={(event) => void choose(event.currentTarget)} />}
      </Field>
      {reading.kind === 'failed' && reading.why === 'not-ours' && (
        <OtherWords onWords={(words) => void read(reading.file, words)} />
      )}
      {reading.kind === 'reading' && reading.of > 0 && (
        <progress className="after-a-second" aria-label={t('backup.reading')} max={reading.of} value={reading.done} />
      )}
      <Say role="status" className="soft">
        {told(reading)}
      </Say>
    </section>
  )
}
