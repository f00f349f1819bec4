import { lazy } from 'react'
import type { App } from '../app'

export const tasks: App = { title: { en: 'Tasks', zh: '任务' }, Page: lazy(() => import('./Page')) }
