import { expect, it } from 'vitest'
import { makeRepository, writeFiles } from '../support/git.ts'
import { makeHome, sluice } from '../support/sluice.ts'

const CI = `
variables:
  BASE: base
  NESTED: \${MIDDLE}/end
  MIDDLE: $BASE/middle
  RAW: {value: "$BASE", expand: false}
  OF_RAW: <$RAW>
  ESCAPED: $$BASE
  MISSING: <$NOWHERE>
  OF_FILE: at $CERT
  PLACE: $CI_PROJECT_NAME-$CI_JOB_NAME
  UNDER: file
show:
  variables: {BASE: job}
  script:
    - echo "NESTED=$NESTED"
    - echo "RAW=$RAW"
    - echo "OF_RAW=$OF_RAW"
    - echo "ESCAPED=$ESCAPED"
    - echo "MISSING=$MISSING"
    - echo "PLACE=$PLACE"
    - echo "UNDER=$UNDER"
    - echo "CERT=$(cat "$CERT")"
    - test "$OF_FILE" = "at $CERT" && echo "OF_FILE names the file"
`

it('expands the variables of a job as GitLab and its runner do', async () => {
  const home = makeHome()
  const { root } = makeRepository({ files: { '.gitlab-ci.yml': CI } })
  writeFiles(home.folder, {
    '.config/sluice/variables.yaml': 'CERT: {value: "key $BASE", type: file, raw: true}\nUNDER: project\n',
  })
  const { code, stdout } = await sluice(home, ['run', '--variable', 'UNDER=pipeline'], { cwd: root })
  expect(code).toBe(0)
  const name = root.split('/').at(-1) ?? ''
  for (const line of [
    'NESTED=job/middle/end',
    'RAW=$BASE',
    'OF_RAW=<$BASE>',
    'ESCAPED=$BASE',
    'MISSING=<>',
    `PLACE=${name}-show`,
    'UNDER=pipeline',
    'CERT=key $BASE',
    'OF_FILE names the file',
  ])
    expect(stdout).toContain(`${line}\n`)
})
