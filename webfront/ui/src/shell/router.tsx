import { useMemo, type AnchorHTMLAttributes, type MouseEvent } from 'react'
import { createStore, useStore } from './store'

const here = () => location.pathname + location.search
const place = createStore(here())
addEventListener('popstate', () => place.set(here()))

/** Where the user is: `/app/?name=value`. */
export const usePlace = () => {
  const text = useStore(place)
  return useMemo(() => {
    const url = new URL(text, location.origin)
    return { app: url.pathname.split('/')[1] ?? '', query: url.searchParams }
  }, [text])
}

export const go = (to: string, replace = false) => {
  if (to === here()) return
  history[replace ? 'replaceState' : 'pushState'](null, '', to)
  place.set(here())
  if (!replace) scrollTo(0, 0)
}

/** A real link, so that it can be opened in another tab; followed without leaving the page. */
export const Link = ({ href, onClick, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & { href: string }) => {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event)
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || rest.target) return
    event.preventDefault()
    go(href)
  }
  return <a href={href} onClick={follow} {...rest} />
}
