import type { IncludePort, IncludeRequest, ProjectAt } from '../../ci/include/port.ts'
import type { Answers, PortFacts, ProjectHandle, Question } from './messages.ts'

/** Asks the other side; rejects with what was wrong there. */
export type Ask = <Method extends Question['method']>(
  question: Extract<Question, { method: Method }>,
) => Promise<Answers[Method]>

/** The port in a thread: each call is a question to where the repository is. */
export function remotePort({ root, anonymous }: PortFacts, ask: Ask): IncludePort {
  return {
    root,
    anonymous,
    read: (wanted) => ask<'read'>({ method: 'read', wanted }),
    paths: (at) => ask<'paths'>({ method: 'paths', at: handleOf(at) }),
    project: (name, ref, anonymously) =>
      ask<'project'>({ method: 'project', name, ref, anonymous: anonymously }),
    changedPaths: () => ask<'changedPaths'>({ method: 'changedPaths' }),
    comparedPaths: (ref) => ask<'comparedPaths'>({ method: 'comparedPaths', ref }),
    variables: () => ask<'variables'>({ method: 'variables' }),
  }
}

function handleOf(at: ProjectAt): ProjectHandle {
  if ('handle' in at && typeof at.handle === 'number') return { ...at, handle: at.handle }
  throw new Error(`Bug: ${at.project} did not come from the other side`)
}

/** The other end: answers out of the real port, which knows projects by the objects it gave out. */
export interface PortEnd {
  readonly facts: PortFacts
  answer(question: Question): Promise<Answers[keyof Answers]>
}

export function portEnd(port: IncludePort): PortEnd {
  const projects: ProjectAt[] = []
  const handle = (at: ProjectAt): ProjectHandle => {
    const known = projects.indexOf(at)
    const { project, sha } = at
    return { project, sha, handle: known === -1 ? projects.push(at) - 1 : known }
  }
  const real = (at: ProjectAt): ProjectAt => projects[handleOf(at).handle] ?? at
  const realRequest = (wanted: IncludeRequest): IncludeRequest =>
    wanted.kind === 'local' ? { ...wanted, at: real(wanted.at) } : wanted
  return {
    facts: { root: port.root && handle(port.root), anonymous: port.anonymous },
    async answer(question) {
      switch (question.method) {
        case 'read': {
          const found = await port.read(realRequest(question.wanted))
          return found.kind === 'found' ? { ...found, at: found.at && handle(found.at) } : found
        }
        case 'project': {
          const found = await port.project(question.name, question.ref, question.anonymous)
          return 'kind' in found ? found : handle(found)
        }
        case 'paths':
          return port.paths(real(question.at))
        case 'comparedPaths':
          return port.comparedPaths(question.ref)
        case 'changedPaths':
          return port.changedPaths()
        case 'variables':
          return port.variables()
      }
    },
  }
}
