import { useState } from 'react'
import { t } from '#app/ui/i18n.ts'
import { Field } from '#app/ui/parts/Fields.tsx'
import type { ReadBack, ReadBackProblem } from '#app/ui/ports.ts'
import { useWorld } from '#app/ui/world.ts'

type Reading =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'reading'; readonly done: number; readonly of: number }
  | { readonly kind: 'read'; readonly back: ReadBack }
  | { readonly kind: 'failed'; readonly why: ReadBackProblem }

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
  const read = async (input: HTMLInputElement): Promise<void> => {
    const file = input.files?.[0]
    // Not disabled meanwhile: that would take the focus away.
    if (file === undefined || reading.kind === 'reading') return
    setReading({ kind: 'reading', done: 0, of: 0 })
    const back = await backup.readFile(file, (done, of) => setReading({ kind: 'reading', done, of }))
    setReading(back.ok ? { kind: 'read', back: back.value } : { kind: 'failed', why: back.error })
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
        {(ids) => <input {...ids} type="file" onChange={(event) => void read(event.currentTarget)} />}
      </Field>
      {reading.kind === 'reading' && reading.of > 0 && (
        <progress aria-label={t('backup.reading')} max={reading.of} value={reading.done} />
      )}
      <p role="status" className="soft">
        {told(reading)}
      </p>
    </section>
  )
}
