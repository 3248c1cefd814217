import { useEffect, useState } from 'react'
import { t } from '#app/ui/i18n.ts'
import { useWorld } from '#app/ui/world.ts'
import { contactLink } from './contact.ts'

/** How to reach whoever runs the relay, in their own words; nothing where they do not say. */
export const Host = ({ relay }: { readonly relay: string }) => {
  const { host } = useWorld()
  const [contact, setContact] = useState<string | null>(null)
  useEffect(() => {
    let wanted = true
    setContact(null)
    void host.contact(relay).then((told) => wanted && setContact(told))
    return () => {
      wanted = false
    }
  }, [host, relay])
  if (contact === null) return null
  const link = contactLink(contact)
  return (
    <p className="soft">
      {t('relay.host')} {link === null ? contact : <a href={link}>{contact}</a>}
    </p>
  )
}
