import { describe, expect, it } from 'vitest'
import { compose, type ComposeOptions } from '../../../src/ci/include/compose.ts'
import { localFiles } from '../../../src/ci/include/local-files.ts'
import type { IncludePort } from '../../../src/ci/include/port.ts'
import { loadWithDocument } from '../../../src/ci/load.ts'
import { variable } from '../../../src/model/variable.ts'

type Files = Readonly<Record<string, string>>

function portOf(files: Files, some: Partial<IncludePort> = {}): IncludePort {
  return { ...localFiles((path) => Promise.resolve(files[path])), ...some }
}

async function composed(files: Files, options: ComposeOptions = {}) {
  const root = { path: 'root.yml', text: files['root.yml'] ?? '', identity: 'root' }
  return compose(root, { port: portOf(files), ...options })
}

async function messages(files: Files, options: ComposeOptions = {}): Promise<string[]> {
  const result = await composed(files, options)
  return result.ok ? [] : result.error.diagnostics.map(({ message }) => message)
}

async function keys(files: Files, options: ComposeOptions = {}): Promise<string[]> {
  const result = await composed(files, options)
  return result.ok
    ? [...result.value.document.entries.keys()]
    : result.error.diagnostics.map(({ message }) => message)
}

describe('forms of include', () => {
  const files = { 'a.yml': 'a: {script: x}', 'b.yml': 'b: {script: x}' }
  it.each<[string, string[]]>([
    ['include: a.yml', ['a', 'z']],
    ['include: /a.yml', ['a', 'z']],
    ['include: {local: a.yml}', ['a', 'z']],
    ['include: [a.yml, {local: /b.yml}]', ['a', 'b', 'z']],
    ['include: [a.yml, null, a.yml]', ['a', 'z']],
    ['include: []', ['z']],
    ['include:', ['z']],
    [
      'include: ""',
      [
        '`{"local":""}` does not have a valid subkey for include. Valid subkeys are: `local`, `project`, `remote`, `template`, `artifact`, `component`',
      ],
    ],
    ['include: [[a.yml]]', ['Each include must be a hash or a string']],
    ['include: !reference [a, b]', ['Each include must be a hash or a string']],
  ])('%s', async (include, found) => {
    expect(await keys({ ...files, 'root.yml': `${include}\nz: {script: x}` })).toEqual(found)
  })
})

it('nodes keep their place in their own file', async () => {
  const files = { 'root.yml': 'include: a.yml\njob: {stage: test}', 'a.yml': '\njob: {script: x}' }
  const result = await composed(files)
  const job = result.ok ? result.value.document.entries.get('job')?.value : undefined
  const spans = job?.kind === 'mapping' ? Array.from(job.entries.values(), ({ value }) => value.span) : []
  expect(spans).toEqual([
    { file: 'a.yml', start: 15, end: 16 },
    { file: 'root.yml', start: 28, end: 32 },
  ])
})

it('includes are listed with the project of the file that includes them', async () => {
  const files = { 'root.yml': 'include: a.yml', 'a.yml': 'include: b.yml', 'b.yml': 'x: 1' }
  const { includes } = await loadWithDocument({ path: 'root.yml', text: files['root.yml'] }, (path) =>
    Promise.resolve({ ...files }[path]),
  )
  expect(includes).toMatchObject([
    { file: 'a.yml', type: 'local', location: 'a.yml', span: { file: 'root.yml' } },
    { file: 'b.yml', type: 'local', location: 'b.yml', span: { file: 'a.yml' } },
  ])
})

describe('limits', () => {
  const many = (count: number): Files => ({
    'root.yml': `include: [${Array.from({ length: count }, () => 'a.yml').join(', ')}]`,
    'a.yml': 'a: 1',
  })

  it('150 files, duplicates counted', async () => {
    expect(await messages(many(150))).toEqual([])
    expect(await messages(many(151))).toEqual(['Maximum of 150 nested includes are allowed!'])
  })

  it('a circle ends there and is named', async () => {
    const result = await composed({
      'root.yml': 'include: a.yml',
      'a.yml': 'include: b.yml',
      'b.yml': 'include: a.yml',
    })
    expect(result.ok ? [] : result.error.diagnostics).toMatchObject([
      {
        message: 'Maximum of 150 nested includes are allowed!',
        help: expect.stringMatching(
          /^the files include each other: (a\.yml → b\.yml → a\.yml|b\.yml → a\.yml → b\.yml)$/,
        ),
        related: expect.arrayContaining([expect.objectContaining({ message: 'included here' })]),
      },
    ])
  })

  it('the size of all files together', async () => {
    const limits = { files: 150, bytes: 7 }
    expect(await messages(many(1), { limits })).toEqual([])
    expect(await messages(many(2), { limits })).toEqual([
      'Total size of combined CI/CD configuration is too big',
    ])
  })

  it('the size of one', async () => {
    const files = { 'root.yml': 'include: a.yml', 'a.yml': `a: "${'x'.repeat(2 * 1024 * 1024)}"` }
    expect(await messages(files)).toEqual([
      '`a.yml`: The provided YAML is too big',
      'Included file `a.yml` does not have valid YAML syntax!',
    ])
  })
})

describe('variables', () => {
  const variables = (): Promise<ReturnType<typeof variable>[]> =>
    Promise.resolve([
      variable('DIR', 'ci', 'project'),
      variable('TOKEN', 'hidden-name', 'project', { masked: true }),
    ])

  it.each([
    ['include: $DIR/a.yml', []],
    ['include: {local: "${DIR}/a.yml"}', []],
    ['include: {local: "$DIR/x$NOPE.yml"}', ['Local file `ci/x.yml` does not exist!']],
    ['include: $TOKEN.yml', ['Local file `xxxxxxxxxxx.yml` does not exist!']],
    ['variables: {OWN: ci}\ninclude: $OWN/a.yml', ['Local file `a.yml` does not exist!']],
    [
      'include: {foo: $TOKEN}',
      [
        '`{"foo":"xxxxxxxxxxx"}` does not have a valid subkey for include. Valid subkeys are: `local`, `project`, `remote`, `template`, `artifact`, `component`',
      ],
    ],
  ])('%s', async (root, found) => {
    const files = { 'root.yml': root, 'ci/a.yml': 'a: 1' }
    expect(await messages(files, { port: portOf(files, { variables }) })).toEqual(found)
  })

  it('masked ones are not put into the configuration', async () => {
    const files = {
      'root.yml':
        'spec: {inputs: {a: {default: $TOKEN}}}\n---\njob: {script: "$[[ inputs.a | expand_vars ]]"}',
    }
    expect(await messages(files, { port: portOf(files, { variables }) })).toEqual([
      'error in `expand_vars` function: variable expansion error: masked variables cannot be expanded',
    ])
  })
})

describe('the key of a composition', () => {
  const key = async (files: Files): Promise<string> => {
    const result = await composed(files)
    return result.ok ? result.value.key : ''
  }

  it('changes with every file and with every value of an input', async () => {
    const files = {
      'root.yml': 'include: {local: a.yml, inputs: {x: 1}}',
      'a.yml': 'spec: {inputs: {x: }}\n---\na: $[[ inputs.x ]]',
    }
    const first = await key(files)
    expect(await key({ ...files })).toBe(first)
    expect(await key({ ...files, 'a.yml': `${files['a.yml']} ` })).not.toBe(first)
    expect(await key({ ...files, 'root.yml': 'include: {local: a.yml, inputs: {x: 2}}' })).not.toBe(first)
  })

  it('tells nesting from order', async () => {
    const one = { 'a.yml': 'include: b.yml\na: 1', 'b.yml': 'b: 1' }
    const nested = await key({ ...one, 'root.yml': 'include: a.yml' })
    const listed = await key({ 'a.yml': 'a: 1', 'b.yml': 'b: 1', 'root.yml': 'include: [a.yml, b.yml]' })
    expect(nested).not.toBe(listed)
  })
})

it('notes keys that GitLab passes over', async () => {
  const result = await composed({ 'root.yml': 'include: {local: a.yml, rule: [], foo: 1}', 'a.yml': 'a: 1' })
  expect(result.ok && result.value.warnings).toMatchObject([
    {
      severity: 'warning',
      message: 'include config contains unknown keys: rule, foo',
      location: { line: 1, column: 25 },
    },
  ])
})

it('notes a wildcard that nothing fits', async () => {
  const result = await composed({ 'root.yml': 'include: ci/*.yml\na: 1' })
  expect(result.ok && result.value.warnings).toMatchObject([
    { code: 'include.nothing', location: { line: 1, column: 10 } },
  ])
})
