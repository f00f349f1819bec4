import { TaskBoundary } from '@holdfast/client/react'
import { Suspense, useEffect } from 'react'
import { apps } from '../apps'
import { Badge } from '../connection/Badge'
import { language, useLanguage, useWords, type Language } from './language'
import { Link, usePlace } from './router'
import { useStore } from './store'
import { theme, themes, type Theme } from './theme'
import { words } from './words'

/** What is around every app: the menu, the badge, and a place where an app's failure stays. */
export const Shell = () => {
  const { app, query } = usePlace()
  const spoken = useLanguage()
  const colours = useStore(theme)
  const text = useWords(words)
  const name = app === '' ? Object.keys(apps)[0]! : app
  const shown = apps[name]
  const title = shown?.title[spoken]

  useEffect(() => {
    document.documentElement.lang = spoken === 'zh' ? 'zh-CN' : 'en'
    document.title = title ? `${title} · Holdfast` : 'Holdfast'
  }, [spoken, title])

  return (
    <>
      <a className="skip" href="#content">
        {text.skip}
      </a>
      <header className="top">
        <Link href="/" className="brand">
          Holdfast
        </Link>
        <nav aria-label={text.menu}>
          {Object.entries(apps).map(([path, one]) => (
            <Link key={path} href={`/${path}/`} aria-current={path === name ? 'page' : undefined}>
              {one.title[spoken]}
            </Link>
          ))}
        </nav>
        <Badge />
      </header>
      <main id="content" tabIndex={-1}>
        <TaskBoundary
          resetKey={name + query}
          fallback={({ error, reset }) => (
            <section className="card" role="alert">
              <h1>{text.broken}</h1>
              <p>{error.message}</p>
              <button type="button" onClick={reset}>
                {text.again}
              </button>
            </section>
          )}
        >
          <Suspense fallback={<p className="dim">{text.loading}</p>}>
            {shown ? (
              <shown.Page key={name} />
            ) : (
              <section className="card">
                <h1>{text.notFound}</h1>
                <p>
                  <Link href="/">{text.toStart}</Link>
                </p>
              </section>
            )}
          </Suspense>
        </TaskBoundary>
      </main>
      <footer>
        <div className="choices">
          <select aria-label={text.language} value={spoken} onChange={({ target }) => language.set(target.value as Language)}>
            <option value="en" lang="en">
              English
            </option>
            <option value="zh" lang="zh-CN">
              简体中文
            </option>
          </select>
          <select aria-label={text.theme} value={colours} onChange={({ target }) => theme.set(target.value as Theme)}>
            {themes.map((one) => (
              <option key={one} value={one}>
                {text.themes[one]}
              </option>
            ))}
          </select>
        </div>
      </footer>
    </>
  )
}
