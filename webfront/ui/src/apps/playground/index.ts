import { lazy } from 'react'
import type { App } from '../app'

export const playground: App = { title: { en: 'Playground', zh: '试验台' }, Page: lazy(() => import('./Page')), kinds: ['echo'] }
