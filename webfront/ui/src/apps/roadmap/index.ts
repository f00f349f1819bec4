import { lazy } from 'react'
import type { App } from '../app'

export const roadmap: App = { title: { en: 'Roadmap', zh: '学习路线' }, Page: lazy(() => import('./Page')), kinds: ['roadmap'] }
