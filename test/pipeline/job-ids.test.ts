import { expect, it } from 'vitest'
import { testEngine } from '../support/engine.ts'

it('numbers jobs stage by stage, as GitLab does, whatever their order in the file', async () => {
  const { create, store } = testEngine(`
stages: [build, test]
unit: {stage: test, script: x}
compile: {stage: build, script: x}
lint: {stage: test, script: x}
`)
  const jobs = store.jobs.ofPipeline(await create())
  const byId = jobs.toSorted((one, other) => one.id - other.id)
  expect(byId.map(({ name }) => name)).toEqual(['compile', 'unit', 'lint'])
})
