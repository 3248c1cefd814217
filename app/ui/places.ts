/** Every place a person can be at, and its URL. Pure: the History API is in router.ts. */
export const settingsSections = [
  'look',
  'sound',
  'practice',
  'language',
  'safety',
  'phrase',
  'elsewhere',
  'backup',
  'erase',
  'relay-sees',
  'about'
] as const
export type SettingsSection = (typeof settingsSections)[number]

export type Place =
  | { readonly name: 'breathe' }
  | { readonly name: 'patterns' }
  /** `id` null: a new one. */
  | { readonly name: 'pattern'; readonly id: string | null }
  | { readonly name: 'care'; readonly pattern: string }
  | { readonly name: 'session' }
  | { readonly name: 'journal'; readonly day: string | null }
  | { readonly name: 'entry'; readonly practice: string }
  | { readonly name: 'settings'; readonly section: SettingsSection | null }
  | { readonly name: 'field' }
  | { readonly name: 'elsewhere' }
  | { readonly name: 'unknown'; readonly path: string }

const decode = (part: string): string | null => {
  try {
    return decodeURIComponent(part)
  } catch {
    return null
  }
}

const isSection = (text: string): text is SettingsSection => (settingsSections as readonly string[]).includes(text)

const parseJournal = (rest: readonly string[]): Place | null => {
  const [kind, value, ...more] = rest
  if (kind === undefined) return { name: 'journal', day: null }
  if (value === undefined || more.length > 0) return null
  if (kind === 'day' && /^\d{4}-\d{2}-\d{2}$/.test(value)) return { name: 'journal', day: value }
  return kind === 'line' ? { name: 'entry', practice: value } : null
}

const parseSettings = (rest: readonly string[]): Place | null => {
  const [section, ...more] = rest
  if (more.length > 0) return null
  if (section === undefined) return { name: 'settings', section: null }
  return isSection(section) ? { name: 'settings', section } : null
}

const parseParts = (parts: readonly string[]): Place | null => {
  const [first, second, ...more] = parts
  if (first === undefined) return { name: 'breathe' }
  if (first === 'journal') return parseJournal(parts.slice(1))
  if (first === 'settings') return parseSettings(parts.slice(1))
  if (more.length > 0) return null
  if (first === 'patterns' && second !== undefined) return { name: 'pattern', id: second === 'new' ? null : second }
  if (first === 'care' && second !== undefined) return { name: 'care', pattern: second }
  if (second !== undefined) return null
  if (first === 'patterns' || first === 'session' || first === 'field' || first === 'elsewhere') return { name: first }
  return null
}

/** @param path the pathname of a URL; a trailing slash does not matter. */
export const parsePlace = (path: string): Place => {
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decode)
  if (parts.includes(null)) return { name: 'unknown', path }
  return parseParts(parts as readonly string[]) ?? { name: 'unknown', path }
}

export const placePath = (place: Place): string => {
  switch (place.name) {
    case 'breathe':
      return '/'
    case 'pattern':
      return `/patterns/${place.id === null ? 'new' : encodeURIComponent(place.id)}`
    case 'care':
      return `/care/${encodeURIComponent(place.pattern)}`
    case 'journal':
      return place.day === null ? '/journal' : `/journal/day/${place.day}`
    case 'entry':
      return `/journal/line/${encodeURIComponent(place.practice)}`
    case 'settings':
      return place.section === null ? '/settings' : `/settings/${place.section}`
    case 'unknown':
      return place.path
    default:
      return `/${place.name}`
  }
}

/** Where Back leads when the person came in by a link and the browser has nothing to go back to. */
export const parentPlace = (place: Place): Place => {
  if (place.name === 'entry') return { name: 'journal', day: null }
  if (place.name === 'journal' && place.day !== null) return { name: 'journal', day: null }
  if (place.name === 'settings' && place.section !== null) return { name: 'settings', section: null }
  if (place.name === 'care' || place.name === 'pattern') return { name: 'patterns' }
  return { name: 'breathe' }
}
