import { memo, useLayoutEffect, useRef } from 'react'

/** Text is shown in blocks of about so many characters. */
const blockSize = 4000

const Block = memo(({ text }: { text: string }) => <div className="block">{text}</div>)

/** Cuts after a line, or else after a word, or else where it must. */
const cutAt = (text: string, from: number): number => {
  const most = from + blockSize
  const line = text.lastIndexOf('\n', most)
  if (line > from + blockSize / 2) return line + 1
  const word = text.lastIndexOf(' ', most)
  if (word > from + blockSize / 2) return word + 1
  // Not through the middle of a character.
  return /[\uD800-\uDBFF]/.test(text[most - 1]!) ? most - 1 : most
}

/**
 * Text that grows. Only its last block changes, and the browser lays out only those blocks that are seen: a million characters cost no more than a
 * few thousand.
 */
export const StreamText = ({ text, busy, label }: { text: string; busy: boolean; label: string }) => {
  const known = useRef<{ blocks: string[]; length: number; text: string }>({ blocks: [], length: 0, text: '' })
  const now = known.current
  if (text !== now.text) {
    // A broken try's text is taken back.
    if (!text.startsWith(now.text)) Object.assign(now, { blocks: [], length: 0 })
    while (text.length - now.length > 2 * blockSize) {
      const end = cutAt(text, now.length)
      now.blocks = [...now.blocks, text.slice(now.length, end)]
      now.length = end
    }
    now.text = text
  }
  const box = useRef<HTMLDivElement>(null)
  const follows = useRef(true)
  useLayoutEffect(() => {
    if (busy && follows.current) box.current!.scrollTop = box.current!.scrollHeight
  }, [text, busy])
  /** Who has scrolled up is reading, and is left there. */
  const scrolled = () => {
    const { scrollTop, scrollHeight, clientHeight } = box.current!
    follows.current = scrollHeight - scrollTop - clientHeight < 40
  }
  return (
    <div ref={box} className="stream" onScroll={scrolled} role="region" aria-label={label} aria-busy={busy} tabIndex={0}>
      {now.blocks.map((block, n) => (
        <Block key={n} text={block} />
      ))}
      <Block text={text.slice(now.length)} />
    </div>
  )
}
