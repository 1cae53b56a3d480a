import { BRIDGE_KEYWORDS } from '../../src/ci/config/bridge.ts'
import { DEFAULT_KEYWORDS, DEPRECATED_GLOBALS } from '../../src/ci/config/default-keywords.ts'
import { JOB_KEYWORDS } from '../../src/ci/config/job.ts'
import { GLOBAL_KEYWORDS } from '../../src/ci/config/root.ts'
import { RUNTIME_SUPPORT, type Support } from '../../src/ci/runtime-support.ts'

const HEADERS = ['include', 'spec']

/** Everything that may be written at the top of a file or in a job. */
export const ALL_KEYWORDS: readonly string[] = [
  ...new Set([...JOB_KEYWORDS, ...GLOBAL_KEYWORDS, ...DEPRECATED_GLOBALS, ...HEADERS]),
]

/** docs/compatibility.md, from the tables that the program itself uses. */
export function compatibilityPage(): string {
  const rows = Object.entries(RUNTIME_SUPPORT).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const lines = rows.map(
    ([keyword, support]) => `| \`${keyword}\` | ${placesOf(keyword)} | ${shown(support)} |`,
  )
  return `# Compatibility

<!-- Written by test/docs/compatibility.test.ts; to renew it: SLUICE_WRITE_DOCS=1 npx vitest run test/docs -->

Every keyword of GitLab's CI language is read and checked, with GitLab's own messages. Not every one has the same effect on one machine
as on GitLab. Three kinds of answer:

- **as on GitLab**
- **differs**: the job runs, and its log says the sentence given here as a warning (unless it is marked as silent).
- **refused**: \`lint\`, \`list\` and \`preview\` accept the file, but a pipeline with such a job is not created. Name other jobs, or leave
  it out with rules.

| Keyword | Where | When a job with it runs here |
| --- | --- | --- |
${lines.join('\n')}

What the variables \`GIT_STRATEGY\`, \`GIT_DEPTH\` and the like do here, and where it differs from gitlab-runner, is in
[sources.md](sources.md); caches are in [cache.md](cache.md).

Files of GitLab 11 may have a look-ahead at the start of a pattern in \`only\` or \`except\` (\`/^(?!v[0-9]+).*/\`). GitLab refuses it since
version 12; here it gives a warning and works.
`
}

function placesOf(keyword: string): string {
  const [word = ''] = keyword.split(':')
  const places = [
    JOB_KEYWORDS.includes(word) ? 'job' : '',
    BRIDGE_KEYWORDS.includes(word) || word === 'extends' ? 'trigger job' : '',
    DEFAULT_KEYWORDS.includes(word) ? '`default`' : '',
    GLOBAL_KEYWORDS.includes(word) || HEADERS.includes(word) ? 'top level' : '',
  ]
  return places.filter((place) => place !== '').join(', ')
}

function shown(support: Support): string {
  if (support === 'carried out') return 'as on GitLab'
  if ('refused' in support) return `**refused**: ${support.refused}`
  const silent = support.said === 'never' ? ' (silent)' : ''
  return `**differs**: ${support.differs}${silent}`
}
