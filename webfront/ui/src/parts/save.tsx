import { useState } from 'react'
import { useWords } from '../shell/language'
import { words } from './words'

/** Gives the user a file. */
export const save = (name: string, type: string, content: string) => {
  const url = URL.createObjectURL(new Blob([content], { type }))
  const link = Object.assign(document.createElement('a'), { href: url, download: name })
  link.click()
  URL.revokeObjectURL(url)
}

/** A file name made of a title. */
export const fileName = (title: string, ending: string) => (title.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '').slice(0, 60) || 'holdfast') + ending

export const CopyButton = ({ content }: { content: () => string }) => {
  const text = useWords(words)
  const [said, setSaid] = useState<string | null>(null)
  const copy = () =>
    navigator.clipboard.writeText(content()).then(
      () => setSaid(text.copied),
      () => setSaid(text.notCopied),
    )
  return (
    <>
      <button type="button" onClick={copy}>
        {text.copy}
      </button>
      <span role="status" className="dim">
        {said}
      </span>
    </>
  )
}
