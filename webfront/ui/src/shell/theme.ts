import { createKept } from './store'

export type Theme = 'auto' | 'light' | 'dark'

export const themes: readonly Theme[] = ['auto', 'light', 'dark']

export const theme = createKept<Theme>('holdfast.theme', 'auto', (kept) => themes.find((one) => one === kept))

const apply = () => {
  document.documentElement.style.colorScheme = theme.get() === 'auto' ? 'light dark' : theme.get()
}
theme.subscribe(apply)
apply()
