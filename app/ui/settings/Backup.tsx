import { useState } from 'react'
import { t } from '#app/ui/i18n.ts'
import { Press } from '#app/ui/parts/Press.tsx'
import { Say } from '#app/ui/parts/Say.tsx'
import { useWorld } from '#app/ui/world.ts'
import { ReadBackup } from './ReadBackup.tsx'

const download = (name: string, data: Blob): void => {
  const address = URL.createObjectURL(data)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // Late enough for the browser to have taken the bytes, early enough not to keep them.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}

export const BackupButtons = ({ onSaved }: { readonly onSaved?: () => void }) => {
  const { backup } = useWorld()
  const [told, setTold] = useState<string | null>(null)
  const save = async (form: 'sealed' | 'json'): Promise<void> => {
    const file = await backup.exportFile(form)
    if (file.ok) {
      download(file.value.name, file.value.data)
      onSaved?.()
    }
    setTold(file.ok ? t('backup.saved', { name: file.value.name }) : t(`backup.problem.${file.error}`))
  }
  return (
    <>
      <div className="row">
        <Press onPress={() => void save('sealed')}>{t('backup.sealed')}</Press>
        <Press weight="quiet" onPress={() => void save('json')}>
          {t('backup.json')}
        </Press>
      </div>
      <Say role="status" className="soft">
        {told}
      </Say>
    </>
  )
}

export const Backup = () => (
  <>
    <p>{t('backup.what')}</p>
    <p className="soft">{t('backup.forms')}</p>
    <BackupButtons />
    <ReadBackup />
  </>
)
