import { useRef, useState } from 'react'
import { t } from '#app/ui/i18n.ts'
import { announce } from '#app/ui/parts/announce.ts'
import { Field, verbatim } from '#app/ui/parts/Fields.tsx'
import { useWorld } from '#app/ui/world.ts'
import { err } from '#core/result.ts'

/** One more relay to keep everything on. */
export const AddRelay = () => {
  const { sync } = useWorld()
  const [typed, setTyped] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const field = useRef<HTMLInputElement>(null)
  const add = async (): Promise<void> => {
    setBusy(true)
    // What was said of an earlier address is not said of this one.
    setProblem(null)
    const outcome = await sync.addRelay(typed).catch(() => err('not-loaded' as const))
    setBusy(false)
    field.current?.focus()
    if (!outcome.ok) return setProblem(t(`relay.problem.${outcome.error}`))
    setTyped('')
    announce(t('relays.added', { relay: typed.trim() }))
  }
  const idle = busy || typed.trim() === ''
  return (
    <form
      className="stack stack-close add-relay"
      aria-busy={busy}
      onSubmit={(event) => {
        event.preventDefault()
        if (!idle) void add()
      }}
    >
      <Field label={t('relays.another')} hint={t('relays.another-hint')} problem={problem}>
        {(ids) => (
          <input
            {...ids}
            ref={field}
            type="text"
            inputMode="url"
            dir="ltr"
            {...verbatim}
            value={typed}
            readOnly={busy}
            onChange={(event) => {
              setTyped(event.currentTarget.value)
              setProblem(null)
            }}
          />
        )}
      </Field>
      {/* Not `disabled`: that would take the focus away from whoever has just pressed it. */}
      <button type="submit" className="press press-plain" aria-disabled={idle}>
        {t(busy ? 'relays.adding' : 'relays.add')}
      </button>
    </form>
  )
}
