import { lazy } from 'react'
import type { App } from '../app'

export const monitor: App = { title: { en: 'Monitor', zh: '监控' }, Page: lazy(() => import('./Page')) }
