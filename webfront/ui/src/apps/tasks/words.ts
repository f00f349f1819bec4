import type { Words } from '../../shell/language'

const en = {
  title: 'Tasks',
  intro: 'Everything that runs or ran here, live. Leaving a page never stops a task.',
  filter: 'Status',
  all: 'all',
  active: 'active',
  kind: 'Kind',
  columns: { task: 'Task', status: 'Status', progress: 'Progress', viewers: 'Viewers', created: 'Created', actions: 'Actions' },
  none: 'No task of this kind.',
  loading: 'Reading the list …',
  first: (n: string) => `The newest ${n} are shown.`,
  cancel: 'Cancel',
  retry: 'Run again',
}

const zh: typeof en = {
  title: '任务',
  intro: '此处正在运行和运行过的全部任务，实时更新。离开页面不会停止任务。',
  filter: '状态',
  all: '全部',
  active: '进行中',
  kind: '类型',
  columns: { task: '任务', status: '状态', progress: '进度', viewers: '观看者', created: '创建时间', actions: '操作' },
  none: '没有这样的任务。',
  loading: '正在读取列表……',
  first: (n) => `显示最新的 ${n} 个。`,
  cancel: '取消',
  retry: '重新运行',
}

export const words: Words<typeof en> = { en, zh }
