import type { Words } from './language'

const en = {
  skip: 'Skip to the content',
  menu: 'Pages',
  language: 'Language',
  theme: 'Colours',
  themes: { auto: 'as the system', light: 'light', dark: 'dark' },
  loading: 'Loading …',
  notFound: 'There is no such page.',
  toStart: 'To the start page',
  broken: 'Something on this page failed.',
  again: 'Try again',
}

const zh: typeof en = {
  skip: '跳到内容',
  menu: '页面',
  language: '语言',
  theme: '配色',
  themes: { auto: '跟随系统', light: '浅色', dark: '深色' },
  loading: '加载中……',
  notFound: '没有这个页面。',
  toStart: '回到首页',
  broken: '此页出现错误。',
  again: '重试',
}

export const words: Words<typeof en> = { en, zh }
