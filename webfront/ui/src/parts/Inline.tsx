import { Lexer, type Token } from 'marked'
import { Fragment, type ReactNode } from 'react'

/**
 * A sentence of somebody's Markdown with its emphasis and code. Links show their words only: where they lead was written by whoever wrote the document.
 */
export const Inline = ({ text }: { text: string }) => <>{nodes(Lexer.lexInline(text))}</>

const nodes = (tokens: Token[]): ReactNode => tokens.map((token, n) => <Fragment key={n}>{node(token)}</Fragment>)

const node = (token: Token): ReactNode => {
  const inner = 'tokens' in token && token.tokens ? nodes(token.tokens) : null
  switch (token.type) {
    case 'strong':
      return <strong>{inner}</strong>
    case 'em':
      return <em>{inner}</em>
    case 'del':
      return <del>{inner}</del>
    case 'codespan':
      return <code>{token.text}</code>
    case 'br':
      return <br />
    case 'link':
      return inner
    case 'image':
    case 'escape':
      return token.text
    default:
      return inner ?? token.raw
  }
}
