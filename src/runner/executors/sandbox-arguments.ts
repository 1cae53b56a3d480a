import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { SandboxPolicy } from '../../model/isolation.ts'
import type { JobShell } from '../script/shell.ts'
import type { BuildPlace, HostRepository } from './executor.ts'
import { cleanEnvironment } from './job-environment.ts'
import { bindMounts } from './sandbox-binds.ts'
import { coverPaths, type HostView } from './sandbox-mounts.ts'

/** Where a sandbox shows a job's folders. */
export interface SandboxPaths {
  readonly builds: string
  readonly project: string
  readonly temp: string
  readonly repository: HostRepository
}

/** As on GitLab's docker executor: `/builds/<namespace>/<project>`. */
export function sandboxPaths(
  place: Pick<BuildPlace, 'projectPath' | 'folders' | 'repository'>,
): SandboxPaths {
  const parts = place.projectPath.split('/')
  const usable = parts.every((part) => part !== '' && part !== '.' && part !== '..')
  const project = `/builds/${usable ? place.projectPath : basename(place.folders.project)}`
  const gitDir = `${project}.git`
  return {
    builds: '/builds',
    project,
    temp: `${project}.tmp`,
    repository: {
      gitDir,
      objects: place.repository.objects.map((_, index) =>
        index === 0 ? `${gitDir}/objects` : `${project}.objects-${index}`,
      ),
    },
  }
}

export interface SandboxFacts {
  readonly view: HostView
  readonly home: string
  readonly shell: JobShell
  readonly place: BuildPlace
  /** Descriptor that bubblewrap reports on. */
  readonly statusDescriptor: number
  /** One descriptor for each of `borrowingObjects`, each of which reads `alternatesText`. */
  readonly alternatesDescriptors: readonly number[]
  readonly policy: SandboxPolicy
  /** Reads the system call filter. */
  readonly filterDescriptor: number | undefined
  /** Who the job is, where that is not who starts bubblewrap. */
  readonly identity: { readonly uid: number; readonly gid: number } | undefined
  /** The list of name servers, and the descriptor that reads another one. */
  readonly resolver: { readonly path: string; readonly descriptor: number } | undefined
}

/**
 * bubblewrap's arguments for one job; later mounts cover earlier ones. Nothing in them is secret and nothing comes from the
 * job's variables. They go through a descriptor all the same, as /proc/1/cmdline would show them inside.
 */
export function sandboxArguments({
  view,
  home,
  shell,
  place,
  statusDescriptor,
  alternatesDescriptors,
  policy,
  filterDescriptor,
  identity,
  resolver,
}: SandboxFacts): string[] {
  const paths = sandboxPaths(place)
  const binds = bindMounts(policy.binds, view)
  const covers = coverPaths(place.hide, view, {
    replaced: [home, '/var/tmp'],
    bound: policy.binds.map(({ path }) => path),
  })
  return [
    ['--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
    ['--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--hostname', 'sluice-job'],
    ['--json-status-fd', String(statusDescriptor)],
    policy.network === 'none' ? ['--unshare-net'] : [],
    filterDescriptor === undefined ? [] : ['--seccomp', String(filterDescriptor)],
    identity ? ['--uid', String(identity.uid), '--gid', String(identity.gid)] : [],
    view.system,
    ['--bind', place.scratch.temp, '/tmp', '--tmpfs', '/var/tmp'],
    ['--bind', place.scratch.home, home],
    view.toolchains.flatMap((folder) => ['--ro-bind-try', folder, folder]),
    ...(policy.allowSecrets ? [covers, binds] : [binds, covers]),
    resolver ? ['--ro-bind-data', String(resolver.descriptor), resolver.path] : [],
    repositoryMounts(place.repository, paths.repository, alternatesDescriptors),
    ['--bind', place.folders.project, paths.project, '--bind', place.folders.temp, paths.temp],
    ['--remount-ro', '/', '--chdir', paths.project, '--clearenv'],
    Object.entries(cleanEnvironment({ home, temp: '/tmp', shell: shell.path })).flatMap(([key, value]) => [
      '--setenv',
      key,
      value,
    ]),
  ].flat()
}

/**
 * The mirror and what it borrows from, read-only. They name their lenders by their paths on this machine, which are not shown,
 * so those lists are covered by one with the paths in the sandbox.
 */
function repositoryMounts(
  host: HostRepository,
  inside: HostRepository,
  alternates: readonly number[],
): string[] {
  const lenders = inside.objects.flatMap((shown, index) =>
    index === 0 ? [] : ['--ro-bind', host.objects[index] ?? '', shown],
  )
  const lists = borrowingObjects(host).flatMap((index, at) => [
    '--ro-bind-data',
    String(alternates[at]),
    `${inside.objects[index]}/info/alternates`,
  ])
  return ['--ro-bind', host.gitDir, inside.gitDir, ...lenders, ...lists]
}

/** Which object folders have a list of lenders. */
export function borrowingObjects(host: HostRepository): number[] {
  return host.objects.flatMap((folder, index) => (existsSync(join(folder, 'info/alternates')) ? [index] : []))
}

/** The lenders of all, as the sandbox shows them: git takes a folder that is named twice only once. */
export function alternatesText(inside: HostRepository): string {
  return inside.objects
    .slice(1)
    .map((folder) => `${folder}\n`)
    .join('')
}
