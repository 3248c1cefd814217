import { useEffect, useState } from 'react'
import { t } from '#app/ui/i18n.ts'
import { useWorld } from '#app/ui/world.ts'

/** Relays that have not heard of an erasure yet. @param after whatever may have changed them */
export const OwedErasures = ({ after }: { readonly after?: unknown }) => {
  const { erase } = useWorld()
  const [owed, setOwed] = useState<readonly string[]>([])
  // biome-ignore lint/correctness/useExhaustiveDependencies: `after` is why it is asked again.
  useEffect(() => void erase.owed().then(setOwed), [erase, after])
  return owed.length === 0 ? null : <p className="note">{t('erase.owed', { relays: owed.join(', ') })}</p>
}
