import { useWords } from '../shell/language'
import { words } from './words'

/** A task's status, in a word and a colour. */
export const Status = ({ status }: { status: string }) => {
  const text = useWords(words)
  return (
    <span className="status" data-status={status}>
      {text.statuses[status] ?? status}
    </span>
  )
}
