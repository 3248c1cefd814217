import { formatter } from '@lingui/format-po'

/** English is the source; every id is explicit (place.meaning), so a wording can change without losing its translations. */
export default {
  locales: ['en', 'de'],
  sourceLocale: 'en',
  catalogs: [{ path: '<rootDir>/app/locales/{locale}', include: ['<rootDir>/app/ui'] }],
  format: formatter({ explicitIdAsDefault: true, lineNumbers: false, origins: false })
}
