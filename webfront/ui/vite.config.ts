import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Each app is found at its folder's name, also by a server that knows only files. */
const pagePerApp = (): Plugin => ({
  name: 'page-per-app',
  enforce: 'post',
  generateBundle(_, bundle) {
    const index = bundle['index.html']
    if (index?.type !== 'asset') throw new Error('there is no index.html')
    for (const { name } of readdirSync(at('src/apps'), { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
      this.emitFile({ type: 'asset', fileName: `${name}/index.html`, source: index.source })
    }
  },
})

export default defineConfig({
  plugins: [pagePerApp()],
  resolve: {
    alias: [
      { find: '@holdfast/client/react', replacement: at('../client/src/react/index.tsx') },
      { find: '@holdfast/client', replacement: at('../client/src/index.ts') },
    ],
    // The client's sources lie elsewhere; there is one React all the same.
    dedupe: ['react', 'react-dom'],
  },
  server: { proxy: { '/api': { target: process.env.HOLDFAST_URL ?? 'http://127.0.0.1:8000', ws: true }, '/samples': process.env.HOLDFAST_URL ?? 'http://127.0.0.1:8000' } },
  build: { target: 'es2022', modulePreload: { polyfill: false } },
})
