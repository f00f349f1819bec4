import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'holdfast-client-'))
afterAll(() => rmSync(scratch, { recursive: true }))
const json = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8'))

/** Bytes, gzipped, of a bundle that imports these names. */
const sizeOf = async (names: string) => {
  const { outputFiles } = await build({
    stdin: { contents: `export { ${names} } from './dist/index.js'`, resolveDir: root },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
  })
  return gzipSync(outputFiles[0]!.contents, { level: 9 }).length
}

describe('the package', () => {
  it('is small: the core is under 8 kB, and who does not use a part does not pay for it', async () => {
    const core = await sizeOf('createTask, watchTask')
    const [list, create, fold] = await Promise.all([sizeOf('watchTasks, watchMonitor'), sizeOf('createTask'), sizeOf('createFold')])
    console.log(`core (createTask, watchTask): ${core} bytes gzipped; createTask alone ${create}, watchTasks and watchMonitor ${list}, createFold alone ${fold}`)
    expect(core).toBeLessThan(8 * 1024)
    expect(list).toBeLessThan(5 * 1024)
    expect(create).toBeLessThan(1500)
    expect(fold).toBeLessThan(1500)
  })

  it('needs nothing at run time, and React only for the hooks', () => {
    const { dependencies, peerDependenciesMeta } = json('package.json')
    expect(dependencies).toBeUndefined()
    expect(peerDependenciesMeta.react.optional).toBe(true)
    expect(readFileSync(join(root, 'dist/index.js'), 'utf8')).not.toContain('react')
  })

  it('can be installed from any registry: the lock file names none', () => {
    expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toContain('"resolved"')
  })

  it('is well packed: publint has nothing to say', async () => {
    const { messages, pkg } = await publint({ pkgDir: root, strict: true })
    expect(messages.map((message) => formatMessage(message, pkg!))).toEqual([])
  })

  it('has types that are found from ESM, whoever resolves them, and nothing but what is needed inside', () => {
    const npm = { cwd: root, encoding: 'utf8' as const, stdio: ['ignore', 'pipe', 'ignore'] as ['ignore', 'pipe', 'ignore'] }
    const [{ filename, files }] = JSON.parse(execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', scratch], npm))
    expect(files.map(({ path }: { path: string }) => path).filter((path: string) => !/^(dist\/.*\.(js|d\.ts)|README\.md|package\.json)$/.test(path))).toEqual(
      [],
    )
    const attw = execFileSync(
      'node',
      [join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js'), join(scratch, filename), '--profile', 'esm-only', '--format', 'ascii', '--no-color'],
      npm,
    )
    // It has failed already where something is wrong with ESM; CommonJS has `import()`.
    expect(attw.match(/node16 \(from ESM\): 🟢/g)?.length).toBe(3)
  })

  it('works for somebody who compiles strictly against it', () => {
    writeFileSync(
      join(scratch, 'user.mts'),
      `import { watchTask, type TaskEvent } from '${join(root, 'dist/index.js')}'
const task = watchTask('t_00000001', { url: 'http://x', from: 'e1:5', transports: ['sse'] })
const text: string | undefined = task.state.text.main
for await (const event of task) if (event.type === 'token') console.log(event.data.delta.toUpperCase(), text)
const refused: TaskEvent['seq'] = 1
// @ts-expect-error: no such transport
watchTask('t', { transports: ['pigeon'] }); console.log(refused)
export {}
`,
    )
    const strict = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--module', 'nodenext', '--target', 'es2022', '--lib', 'es2022,dom', '--types', '']
    const { stdout, status } = spawnSync('node', [join(root, 'node_modules/typescript/bin/tsc'), ...strict, join(scratch, 'user.mts')], {
      cwd: scratch,
      encoding: 'utf8',
    })
    expect([stdout, status]).toEqual(['', 0])
  })
})
