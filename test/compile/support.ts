import { compilePipeline, type CompileOutcome, type CompileRequest } from '../../src/compile/compile.ts'
import { ZERO_SHA } from '../../src/model/pipeline.ts'
import { openRepository, type GitRepository } from '../../src/platform/git.ts'
import type { TestRepository } from '../support/git.ts'

/** HEAD of a repository as `group/app`, for a push to main of the user `root` unless told otherwise. */
export function requestFor(
  { root, gitDir }: Pick<TestRepository, 'root' | 'gitDir'>,
  repository: GitRepository,
  sha: string,
  some: Partial<CompileRequest> = {},
): CompileRequest {
  return {
    project: {
      id: 9,
      name: 'group/app',
      path: root,
      repository: gitDir,
      defaultBranch: 'main',
      variables: [],
      configPath: '.gitlab-ci.yml',
      createdAt: 0,
    },
    repository,
    configPath: '.gitlab-ci.yml',
    treeSha: sha,
    sha,
    beforeSha: ZERO_SHA,
    ref: 'main',
    tag: false,
    tagMessage: null,
    source: 'push',
    pipelineVariables: [],
    user: { id: 1, username: 'root', name: 'Ada', email: 'ada@example.com' },
    triggered: false,
    scheduleDescription: null,
    server: { url: 'http://127.0.0.1:8929', version: '18.5.0' },
    createdAt: 0,
    inputs: {},
    selection: null,
    forRun: false,
    ...some,
  }
}

/** Compiles such a request. */
export async function compile(
  repository: TestRepository,
  some: Partial<CompileRequest> = {},
): Promise<CompileOutcome> {
  const git = openRepository(repository.gitDir)
  try {
    return await compilePipeline(requestFor(repository, git, repository.git('rev-parse', 'HEAD'), some))
  } finally {
    git.close()
  }
}

/** Names of the jobs that are in, or what was said instead. */
export function jobsIn(outcome: CompileOutcome): readonly string[] {
  if (outcome.kind === 'plan') return outcome.plan.jobs.map(({ name }) => name)
  return outcome.kind === 'invalid' ? outcome.diagnostics.map(({ message }) => message) : [outcome.kind]
}
