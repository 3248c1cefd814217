const EMAIL = /^[^\s@:/<>]+@[^\s@:/<>]+\.[^\s@:/<>]+$/

/** Where a contact leads: only an https page or an e-mail address becomes a link, whatever a relay sends. */
export const contactLink = (contact: string): string | null => {
  if (EMAIL.test(contact)) return `mailto:${contact}`
  if (!URL.canParse(contact)) return null
  const { protocol, href } = new URL(contact)
  return protocol === 'https:' || protocol === 'mailto:' ? href : null
}
