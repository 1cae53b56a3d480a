import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

// The walls of docs/architecture.md. Room -> the rooms it may import, besides itself.
const LANGUAGE = ['yaml', 'ci', 'compile']
const CORE = [...LANGUAGE, 'settings', 'store', 'pipeline', 'platform', 'model', 'shared']
const ADAPTER = ['pipeline', 'store', 'platform', 'model', 'shared']
const COMMAND = ['app', 'compile', 'pipeline', 'settings', 'ci', 'yaml', 'platform', 'model', 'shared']

const ROOMS: Readonly<Record<string, readonly string[]>> = {
  shared: [],
  model: ['shared'],
  yaml: ['shared'],
  platform: ['model', 'shared'],
  settings: ['yaml', 'model', 'shared'],
  ci: ['yaml', 'model', 'shared'],
  compile: ['ci', 'yaml', 'settings', 'platform', 'model', 'shared'],
  store: ['model', 'shared'],
  pipeline: ['compile', 'ci', 'yaml', 'store', 'platform', 'model', 'shared'],
  runner: ['platform', 'model', 'shared'],
  sources: ADAPTER,
  http: ['compile', ...ADAPTER, 'http/api', 'http/runner-api', 'http/git', 'http/web'],
  'http/api': ['http', 'compile', ...ADAPTER],
  'http/runner-api': ['http', 'compile', ...ADAPTER],
  'http/git': ['http', 'compile', ...ADAPTER],
  'http/web': ['http', 'compile', ...ADAPTER],
  app: [...CORE, 'runner', 'sources', 'http', 'http/api', 'http/runner-api', 'http/git', 'http/web'],
  cli: COMMAND,
  main: ['cli', ...COMMAND],
}

/** Rooms that know neither disk nor clock nor process: what they need is handed to them. */
const PURE = ['shared', 'model', 'yaml', 'ci']
const CLOCK_OR_CHANCE =
  /\b(Date\.now\(|new Date\(\)|Math\.random\(|performance\.now\(|process\.(env|cwd|pid)\b)/
const EFFECTS = /^node:(fs|child_process|net|http|https|os|process|timers|worker_threads|dns)(\/|$)/

interface SourceFile {
  /** Relative to src/, with forward slashes: `ci/plan.ts`. */
  readonly path: string
  readonly text: string
}

/** `http/api/triggers.ts` is in `http/api`, `http/server.ts` in `http`, `app.ts` in `app`. */
function roomOf(path: string): string | undefined {
  const folders = posix.dirname(path)
  const room = folders === '.' ? posix.basename(path).replace(/\.tsx?$/, '') : folders
  const candidates = [room.split('/').slice(0, 2).join('/'), room.split('/')[0] ?? '']
  return candidates.find((candidate) => Object.hasOwn(ROOMS, candidate))
}

/** Every module that a file names, static, dynamic, for types only, or as a worker's address. */
function importsOf(text: string): string[] {
  const statements = [
    /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^\s*import\s*['"]([^'"]+)['"]/gm,
    /\bimport\(\s*['"]([^'"]+)['"]/g,
    /\bnew URL\(\s*['"](\.[^'"]+)['"]\s*,\s*import\.meta\.url/g,
  ]
  return statements.flatMap((statement) => [...text.matchAll(statement)].map((match) => match[1] ?? ''))
}

function violationsOf(file: SourceFile): string[] {
  const room = roomOf(file.path)
  if (room === undefined) return [`${file.path}: lies in no room of docs/architecture.md`]
  const impure = PURE.includes(room) ? CLOCK_OR_CHANCE.exec(file.text) : null
  return [
    ...importsOf(file.text).flatMap((name) => violation(file.path, room, name) ?? []),
    ...(impure ? [`${file.path}: ${room} is pure and may not use ${impure[0]}`] : []),
  ]
}

function violation(path: string, room: string, name: string): string | undefined {
  if (!name.startsWith('.')) {
    return PURE.includes(room) && EFFECTS.test(name)
      ? `${path}: ${room} is pure and may not import ${name}`
      : undefined
  }
  const target = posix.join(posix.dirname(path), name)
  if (target.startsWith('../')) return undefined // package.json
  if (!/\.(tsx?|css|svg|sql)$/.test(target)) return `${path}: '${name}' must name its file with .ts`
  const other = roomOf(target)
  if (other === undefined) return `${path}: '${name}' lies in no room`
  if (other === room || ROOMS[room]?.includes(other)) return undefined
  return `${path}: ${room} may not import ${other} ('${name}')`
}

function filesOf(folder: string): SourceFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: relative(folder, path).replaceAll('\\', '/'), text: readFileSync(path, 'utf8') }))
}

const root = dirname(import.meta.dirname)

describe('the source', () => {
  it('has files', () => {
    expect(filesOf(join(root, 'src')).length).toBeGreaterThan(20)
  })

  it('imports one way only', () => {
    expect(filesOf(join(root, 'src')).flatMap(violationsOf)).toEqual([])
  })
})

describe('the check', () => {
  const cases: readonly [what: string, path: string, text: string, found: readonly string[]][] = [
    [
      'a wrong way',
      'model/job.ts',
      "import { load } from '../ci/load.ts'",
      ["model/job.ts: model may not import ci ('../ci/load.ts')"],
    ],
    [
      'a type',
      'ci/plan.ts',
      "import type { Store } from '../store/store.ts'",
      ["ci/plan.ts: ci may not import store ('../store/store.ts')"],
    ],
    [
      'an import over several lines',
      'runner/build.ts',
      "import {\n  a,\n  b,\n} from '../pipeline/create.ts'",
      ["runner/build.ts: runner may not import pipeline ('../pipeline/create.ts')"],
    ],
    [
      'a re-export',
      'shared/result.ts',
      "export * from '../model/job.ts'",
      ["shared/result.ts: shared may not import model ('../model/job.ts')"],
    ],
    [
      'a side effect',
      'store/database.ts',
      "import '../runner/runner.ts'",
      ["store/database.ts: store may not import runner ('../runner/runner.ts')"],
    ],
    [
      'a dynamic import',
      'pipeline/create.ts',
      "const m = await import(\n  '../http/server.ts')",
      ["pipeline/create.ts: pipeline may not import http ('../http/server.ts')"],
    ],
    [
      "a worker's address",
      'compile/pool.ts',
      "new Worker(new URL('../runner/mask.ts', import.meta.url))",
      ["compile/pool.ts: compile may not import runner ('../runner/mask.ts')"],
    ],
    [
      'a page in TSX',
      'http/web/job-page.tsx',
      "import { readTrigger } from '../api/triggers.ts'",
      ["http/web/job-page.tsx: http/web may not import http/api ('../api/triggers.ts')"],
    ],
    ['an unknown room', 'utils/text.ts', '', ['utils/text.ts: lies in no room of docs/architecture.md']],
    [
      'an import from an unknown room',
      'cli/run.ts',
      "import { x } from '../misc/x.ts'",
      ["cli/run.ts: '../misc/x.ts' lies in no room"],
    ],
    [
      'a missing extension',
      'ci/load.ts',
      "import { ok } from '../shared/result'",
      ["ci/load.ts: '../shared/result' must name its file with .ts"],
    ],
    [
      'the disk in a pure room',
      'ci/include/local.ts',
      "import { readFile } from 'node:fs/promises'",
      ['ci/include/local.ts: ci is pure and may not import node:fs/promises'],
    ],
    [
      'the clock in a pure room',
      'ci/plan.ts',
      'const now = Date.now()',
      ['ci/plan.ts: ci is pure and may not use Date.now('],
    ],
    ['nothing in its own room', 'http/web/page.tsx', "import { Layout } from './layout.tsx'", []],
    [
      'nothing in what routers share',
      'http/api/triggers.ts',
      "import { sendProblem } from '../problems.ts'",
      [],
    ],
    ['nothing in the server', 'http/server.ts', "import { triggers } from './api/triggers.ts'", []],
    ['nothing in the joiner', 'app.ts', "import { startRunner } from './runner/runner.ts'", []],
    ['nothing in a package', 'main.ts', "import { Command } from 'commander'", []],
  ]

  it.each(cases)('finds %s', (_what, path, text, found) => {
    expect(violationsOf({ path, text })).toEqual(found)
  })
})

describe('docs/architecture.md', () => {
  it('shows the same table', () => {
    const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8')
    const rows = [...page.matchAll(/^\| `([^`]+)`\s*\|[^|]*\|([^|]*)\|\s*$/gm)]
    const documented = rows.map(([, room = '', imports = '']) => [
      room.replace(/(\/|\.ts)$/, ''),
      [...imports.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name).toSorted(),
    ])
    const built = Object.entries(ROOMS).map(([room, imports]) => [room, imports.toSorted()])
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(built))
  })
})
