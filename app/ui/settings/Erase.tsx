import { useState } from 'react'
import { t } from '#app/ui/i18n.ts'
import { Ask } from '#app/ui/parts/Ask.tsx'
import { Press } from '#app/ui/parts/Press.tsx'
import type { EraseReceipt } from '#app/ui/ports.ts'
import { moment } from '#app/ui/words.ts'
import { useWorld } from '#app/ui/world.ts'
import { BackupButtons } from './Backup.tsx'

type Scope = 'device' | 'everywhere'

const Receipt = ({ receipt }: { readonly receipt: EraseReceipt }) => {
  const days = receipt.backupDays
  return (
    <div className="stack">
      <p>{t('erase.receipt', { relay: receipt.relay, when: moment(receipt.at) })}</p>
      <p className="soft">{days === null ? t('erase.no-backups') : t('erase.backups', { count: days })}</p>
      <textarea readOnly className="receipt" rows={5} aria-label={t('erase.receipt-text')} value={receipt.text} />
    </div>
  )
}

/** Two ways to forget, each said plainly before it is done, each behind one question. */
export const Erase = () => {
  const { erase } = useWorld()
  const [asking, setAsking] = useState<Scope | null>(null)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const [receipt, setReceipt] = useState<EraseReceipt | null>(null)

  const eraseDevice = async (): Promise<void> => {
    const outcome = await erase.thisDevice()
    if (outcome.ok) location.replace('/')
    else setProblem(t(`erase.problem.${outcome.error}`))
  }
  const eraseEverywhere = async (): Promise<void> => {
    const outcome = await erase.everywhere()
    if (outcome.ok) setReceipt(outcome.value)
    else setProblem(t(`erase.problem.${outcome.error}`))
  }
  const go = async (scope: Scope): Promise<void> => {
    setAsking(null)
    setBusy(true)
    setProblem(null)
    await (scope === 'device' ? eraseDevice() : eraseEverywhere())
    setBusy(false)
  }
  if (receipt !== null) return <Receipt receipt={receipt} />
  return (
    <>
      <section className="stack stack-close">
        <h2>{t('erase.device')}</h2>
        <p>{t('erase.device-told')}</p>
        <Press weight="careful" disabled={busy} onPress={() => setAsking('device')}>
          {t('erase.device-do')}
        </Press>
      </section>
      <section className="stack stack-close">
        <h2>{t('erase.everywhere')}</h2>
        <p>{t('erase.everywhere-told')}</p>
        <Press weight="careful" disabled={busy} onPress={() => setAsking('everywhere')}>
          {t('erase.everywhere-do')}
        </Press>
      </section>
      {busy && <p role="status">{t('erase.busy')}</p>}
      {problem !== null && (
        <p className="warn" role="alert">
          {problem}
        </p>
      )}
      {asking !== null && (
        <Ask title={t(`erase.ask.${asking}`)} onClose={() => setAsking(null)}>
          <p>{t(`erase.ask-told.${asking}`)}</p>
          <BackupButtons />
          <div className="row">
            <Press onPress={() => setAsking(null)}>{t('erase.no')}</Press>
            <Press weight="careful" onPress={() => void go(asking)}>
              {t(`erase.${asking}-do`)}
            </Press>
          </div>
        </Ask>
      )}
    </>
  )
}
