import { monitor } from './monitor'
import { playground } from './playground'
import { roadmap } from './roadmap'
import { tasks } from './tasks'
import type { App } from './app'

/** In the order of the menu; the first is the start page. */
export const apps: Record<string, App> = { roadmap, playground, tasks, monitor }

/** Where a task is shown: in the app for its kind, else in the playground, which shows any. */
export const pathOfTask = (kind: string, taskId: string) => {
  const name = Object.keys(apps).find((one) => apps[one]!.kinds?.includes(kind)) ?? 'playground'
  return `/${name}/?task=${encodeURIComponent(taskId)}`
}
