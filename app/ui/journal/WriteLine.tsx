import { useRef, useState } from 'react'
import { t } from '#app/ui/i18n.ts'
import { useTellOutcome } from '#app/ui/parts/outcome.ts'
import { Press } from '#app/ui/parts/Press.tsx'
import { useWorld } from '#app/ui/world.ts'
import { civilDay, yearOf } from '#core/time.ts'

/** A line without a practice. It is kept by the button or by Control+Enter. */
export const WriteLine = () => {
  const { store, clock, newId } = useWorld()
  const tellOutcome = useTellOutcome()
  const [line, setLine] = useState('')
  const [keeping, setKeeping] = useState(0)
  const field = useRef<HTMLTextAreaElement>(null)
  const keep = async (): Promise<void> => {
    const words = line.trim()
    if (words === '') return
    const writtenAt = clock.moment()
    const day = civilDay(writtenAt)
    setLine('')
    setKeeping((lines) => lines + 1)
    const saved = await store.dispatch({
      kind: 'write-line',
      line: { kind: 'line', id: newId(), writtenAt, day, year: yearOf(day), line: words, tags: [] }
    })
    setKeeping((lines) => lines - 1)
    tellOutcome(saved, null)
  }
  /** The button goes with the line: a keyboard's way leads back to where the next is written. A finger's does not call the keyboard up. */
  const keepByButton = (): void => {
    if (document.activeElement?.matches(':focus-visible')) field.current?.focus()
    void keep()
  }
  return (
    <form
      className="write"
      // The line is on screen at once; the form rests when the disk has it.
      aria-busy={keeping > 0}
      onSubmit={(event) => {
        event.preventDefault()
        void keep()
      }}
    >
      <textarea
        ref={field}
        aria-label={t('journal.write')}
        placeholder={t('journal.write')}
        rows={1}
        value={line}
        onChange={(event) => setLine(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void keep()
        }}
      />
      {line.trim() !== '' && <Press onPress={keepByButton}>{t('journal.keep-line')}</Press>}
    </form>
  )
}
