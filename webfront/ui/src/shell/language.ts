import { createKept, useStore } from './store'

export type Language = 'en' | 'zh'

/** What a part of the pages says. The two have the same keys. */
export interface Words<Texts> {
  en: Texts
  zh: Texts
}

const browsers = (): Language => (navigator.languages.find((one) => /^(en|zh)/i.test(one))?.toLowerCase().startsWith('zh') ? 'zh' : 'en')

export const language = createKept<Language>('holdfast.language', browsers(), (kept) => (kept === 'en' || kept === 'zh' ? kept : undefined))

export const useLanguage = (): Language => useStore(language)

export const useWords = <Texts,>(words: Words<Texts>): Texts => words[useLanguage()]

/** Numbers and times as people of that language write them. */
export const useFormats = () => {
  const locale = useLanguage() === 'zh' ? 'zh-CN' : 'en-GB'
  return {
    number: (value: number, digits = 0) => value.toLocaleString(locale, { maximumFractionDigits: digits }),
    time: (at: number | string) => new Date(at).toLocaleTimeString(locale, { hour12: false }),
    dateTime: (at: number | string) => new Date(at).toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'medium', hour12: false }),
  }
}
