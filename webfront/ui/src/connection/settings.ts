import type { WatchOptions } from '@holdfast/client'
import { createKept } from '../shell/store'

/** What users may set about connections: some of the client's options, by the client's names. */
export interface Settings {
  autoReconnect: boolean
  shareTabs: boolean
  leavePrompt: boolean
  delayMs: number
  backoffMs: number
  heartbeatMs: number
  ackTimeoutMs: number
  probeMs: number
}

/** 0: the client's own default. */
export const defaults: Settings = { autoReconnect: true, shareTabs: true, leavePrompt: false, delayMs: 0, backoffMs: 0, heartbeatMs: 0, ackTimeoutMs: 0, probeMs: 0 }

const isTime = (value: unknown) => typeof value === 'number' && value >= 0 && value <= 3_600_000

const read = (kept: unknown): Settings | undefined => {
  if (typeof kept !== 'object' || kept === null) return undefined
  const valid = Object.entries(kept).filter(([name, value]) => {
    const known = defaults[name as keyof Settings]
    return typeof known === 'boolean' ? typeof value === 'boolean' : known !== undefined && isTime(value)
  })
  return { ...defaults, ...Object.fromEntries(valid) }
}

export const settings = createKept<Settings>('holdfast.connection', defaults, read)

/** They count from the next connection on. */
export const asOptions = (chosen: Settings): WatchOptions => {
  const options: WatchOptions = { autoReconnect: chosen.autoReconnect, shareTabs: chosen.shareTabs, leavePrompt: chosen.leavePrompt, delayMs: chosen.delayMs }
  for (const name of ['backoffMs', 'heartbeatMs', 'ackTimeoutMs', 'probeMs'] as const) if (chosen[name]) options[name] = chosen[name]
  return options
}
