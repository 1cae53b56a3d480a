import { createServer } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { makeHome, sluice } from '../support/sluice.ts'
import { sandboxNotice } from '../support/sandbox.ts'

it('sluice demo --once plays the trigger documentation, on another port when its own is taken', async () => {
  // Takes the port unless somebody has it already: taken it is in either case.
  const server = createServer()
  await new Promise<void>((resolve) => {
    server.once('error', () => resolve())
    server.listen(8929, '127.0.0.1', resolve)
  })
  onTestFinished(() => void server.close())

  const { code, stdout, stderr } = await sluice(makeHome(), ['demo', '--once'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(sandboxNotice) as string })
  const calls = [...stdout.matchAll(/^\$ curl (.*)$/gm)].map(([, args]) =>
    args?.replace(/http:\/\/127\.0\.0\.1:(?!8929\b)\d+/, 'HOST'),
  )
  expect(calls).toEqual([
    '--request POST --form token=TOKEN --form ref=master HOST/api/v4/projects/9/trigger/pipeline',
    '--request POST --form token=TOKEN --form ref=master --form "variables[UPLOAD_TO_S3]=true" HOST/api/v4/projects/9/trigger/pipeline',
  ])
  expect(stdout.match(/^ PASS {2}.*$/gm)).toEqual([
    ' PASS  pipeline 1: run_tests, build_package, upload_package passed; UPLOAD_TO_S3 was not sent, and nothing was uploaded',
    ' PASS  pipeline 2: run_tests, build_package, upload_package passed; UPLOAD_TO_S3 was sent, and the package was uploaded',
  ])
  expect(stdout.match(/^upload_package {2}> uploaded/gm)).toHaveLength(1)
})
