import { Lexer, type Token } from 'marked'
import { Fragment, type ReactNode } from 'react'

/**
 * A sentence of somebody's document with its emphasis and code. It may be no Markdown at all: what is as likely meant as it stands (`__init__`, `~x~`,
 * `\*`) stays so. Links show their words only: where they lead was written by whoever wrote the document.
 */
export const Inline = ({ text }: { text: string }) => <>{nodes(Lexer.lexInline(text))}</>

const nodes = (tokens: Token[]): ReactNode => tokens.map((token, n) => <Fragment key={n}>{node(token)}</Fragment>)

const node = (token: Token): ReactNode => {
  const inner = 'tokens' in token && token.tokens?.length ? nodes(token.tokens) : null
  switch (token.type) {
    case 'strong':
      return token.raw.startsWith('*') ? <strong>{inner}</strong> : token.raw
    case 'em':
      return token.raw.startsWith('*') ? <em>{inner}</em> : token.raw
    case 'codespan':
      return <code>{token.text}</code>
    case 'br':
      return <br />
    case 'link':
      return inner ?? token.raw
    case 'image':
      return token.text || token.raw
    default:
      return token.raw
  }
}
