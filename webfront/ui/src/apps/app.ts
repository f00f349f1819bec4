import type { ComponentType } from 'react'
import type { Words } from '../shell/language'

/** An app: a folder in here with an `index.ts` that names it and loads its page. The folder's name is its path. */
export interface App {
  title: Words<string>
  Page: ComponentType
  /** Kinds of task that this app shows. */
  kinds?: readonly string[]
}
