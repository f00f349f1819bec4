import type { Words } from '../../shell/language'

const en = {
  title: 'Playground',
  intro: 'An echo task streams numbered tokens. Reload in the middle, break the connection, stop the server: the text goes on where it was.',
  start: 'Start',
  presets: 'Ready-made',
  preset: { slow: '200 tokens, slowly', flood: '50,000 tokens at once', failing: 'fails twice, then works', review: 'asks for a review' } as Record<string, string>,
  knobs: 'The task',
  count: 'Tokens',
  interval_ms: 'Between two, ms',
  size: 'Characters of each',
  fail_at: 'Fails before token (0: never)',
  fail_times: 'Fails so many times',
  review_at: 'Review before token (0: none)',
  echo: 'Echo',
  output: 'Text of channel',
  review: 'It waits for you',
  comment: 'Comment',
  approve: 'Approve',
  reject: 'Reject',
  result: 'Result',
}

const zh: typeof en = {
  title: '试验台',
  intro: 'echo 任务会流式输出编号的文本。中途刷新、断开连接、停掉服务器：文本都会从中断处继续。',
  start: '开始',
  presets: '预设',
  preset: { slow: '200 个词元，慢速', flood: '一次 50,000 个词元', failing: '失败两次后成功', review: '请求审阅' },
  knobs: '任务参数',
  count: '词元数量',
  interval_ms: '间隔（毫秒）',
  size: '每个的字符数',
  fail_at: '在第几个之前失败（0：从不）',
  fail_times: '失败次数',
  review_at: '在第几个之前审阅（0：无）',
  echo: '回声',
  output: '频道文本',
  review: '等待您的决定',
  comment: '备注',
  approve: '批准',
  reject: '拒绝',
  result: '结果',
}

export const words: Words<typeof en> = { en, zh }
