import type { Words } from '../shell/language'

const en = {
  statuses: {
    queued: 'queued',
    running: 'running',
    awaiting_review: 'awaiting review',
    completed: 'completed',
    failed: 'failed',
    cancelled: 'cancelled',
  } as Record<string, string>,
  copy: 'Copy',
  copied: 'Copied',
  notCopied: 'The browser did not allow it',
  cancel: 'Cancel',
  retry: 'Run again',
  open: 'Open',
  another: 'Start another one',
  secondTab: 'Open a second tab',
  attempt: (n: number) => `attempt ${n}`,
  retrying: (attempt: number, reason: string) => `It goes on: attempt ${attempt} (${reason})`,
  progress: 'Progress',
  of: (current: string, total: string) => `${current} of ${total}`,
  failed: 'It failed',
  cancelled: 'It was cancelled',
  unreachable: 'The task can’t be shown',
  loading: 'Reading the task …',
  active: 'Running now',
}

const zh: typeof en = {
  statuses: { queued: '排队中', running: '运行中', awaiting_review: '等待审阅', completed: '已完成', failed: '失败', cancelled: '已取消' },
  copy: '复制',
  copied: '已复制',
  notCopied: '浏览器不允许复制',
  cancel: '取消',
  retry: '重新运行',
  open: '打开',
  another: '再开始一个',
  secondTab: '打开第二个标签页',
  attempt: (n) => `第 ${n} 次运行`,
  retrying: (attempt, reason) => `继续运行：第 ${attempt} 次（${reason}）`,
  progress: '进度',
  of: (current, total) => `${current} / ${total}`,
  failed: '任务失败',
  cancelled: '任务已取消',
  unreachable: '无法显示此任务',
  loading: '正在读取任务……',
  active: '正在运行',
}

export const words: Words<typeof en> = { en, zh }
