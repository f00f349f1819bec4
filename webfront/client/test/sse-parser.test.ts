import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sseParser } from '../src/transports/sse.js'

const parsed = (pieces: string[]) => {
  const events: [string, string][] = []
  const parse = sseParser((type, data) => events.push([type, data]))
  pieces.forEach(parse)
  return events
}

describe('the event stream format', () => {
  it('reads events, joins data lines, skips comments, ids and retries', () => {
    expect(parsed(['retry: 1000\n\n: hello\n\nid: e:1\nevent: token\ndata: {"a":1}\n\ndata:x\ndata: y\n\n'])).toEqual([
      ['token', '{"a":1}'],
      ['message', 'x\ny'],
    ])
  })

  it('means the same however it is cut into pieces, and whatever its line ends are', () => {
    const text = 'event: a\ndata: {"x":"ü: 1"}\n\n: c\n\nevent: b\ndata: 1\ndata: 2\n\n'
    fc.assert(
      fc.property(fc.array(fc.nat(text.length * 2)), fc.constantFrom('\n', '\r\n', '\r'), (cuts, end) => {
        const whole = text.replaceAll('\n', end)
        const at = [0, ...cuts.filter((one) => one < whole.length).sort((a, b) => a - b), whole.length]
        const pieces = at.slice(1).map((to, i) => whole.slice(at[i], to))
        // A lone CR at the very end can be half of a CRLF: it counts with what follows.
        expect(parsed([...pieces, ': end\n'])).toEqual([
          ['a', '{"x":"ü: 1"}'],
          ['b', '1\n2'],
        ])
      }),
    )
  })
})
