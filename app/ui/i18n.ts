import { i18n, type Messages } from '@lingui/core'
import { messages as english } from '#app/locales/en.po'
import { isolate } from './isolate.ts'
import { mirror } from './mirror.ts'

/** `ar-XB` is no language: English mirrored right to left, to try the layout (settings/language?mirror). */
export type Locale = 'en' | 'de' | 'ar-XB'

export const locales: readonly { readonly id: Locale; readonly name: string }[] = [
  { id: 'en', name: 'English' },
  { id: 'de', name: 'Deutsch' }
]

const isLocale = (tag: string): tag is Locale => tag === 'en' || tag === 'de' || tag === 'ar-XB'

/** The first of the browser's languages that the app speaks. */
export const localeFor = (languages: readonly string[]): Locale => {
  for (const language of languages) {
    if (isLocale(language)) return language
    const base = language.split('-')[0] ?? ''
    if (isLocale(base)) return base
  }
  return 'en'
}

/** @param language as the settings have it. */
export const wantedLocale = (language: string): Locale =>
  localeFor(language === 'system' ? navigator.languages : [language])

const load = async (locale: Locale): Promise<Messages> => {
  if (locale === 'de') return (await import('#app/locales/de.po')).messages
  return locale === 'ar-XB' ? mirror(english) : english
}

let spoken: Locale = 'en'
export const spokenLocale = (): Locale => spoken

/** Loads the words of a language and makes it the one `t` speaks. Awaited once before the first screen is drawn. */
export const speak = async (locale: Locale): Promise<void> => {
  i18n.loadAndActivate({ locale: locale === 'ar-XB' ? 'en' : locale, messages: await load(locale) })
  spoken = locale
  document.documentElement.lang = locale === 'ar-XB' ? 'en' : locale
  document.documentElement.dir = locale === 'ar-XB' ? 'rtl' : 'ltr'
}

/** The words for an id. The whole tree is drawn anew when the language changes (App is keyed by it). */
export const t = (id: string, values?: Record<string, unknown>): string =>
  i18n._(id, values !== undefined && spoken === 'ar-XB' ? isolate(values) : values)

/** Marks an id that is looked up elsewhere, so that the completeness test sees it. */
export const msg = (id: string): string => id

/** For dates and numbers: the person's own region of the language that is spoken (en-GB writes 21 November). */
export const language = (): string => {
  const spoken = i18n.locale || 'en'
  return navigator.languages.find((tag) => tag === spoken || tag.startsWith(`${spoken}-`)) ?? spoken
}
