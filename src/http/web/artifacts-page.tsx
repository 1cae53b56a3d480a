import type { Job } from '../../model/job.ts'
import type { Project } from '../../model/project.ts'
import type { ArchiveEntry } from '../../platform/archive-folder.ts'
import { jobPath } from '../urls.ts'
import { bytes } from './job-artifacts.tsx'
import { Layout, type Frame } from './layout.tsx'
import { artifactsPath, escapedPath, pipelinesPath } from './paths.ts'

interface ArtifactsPageProps {
  readonly frame: Frame
  readonly project: Project
  readonly job: Job
  /** The folder that is shown; empty: the archive itself. */
  readonly folder: string
  readonly entries: readonly ArchiveEntry[]
}

export function ArtifactsPage({ frame, project, job, folder, entries }: ArtifactsPageProps) {
  const path = artifactsPath(project.name, job.id)
  const parts = folder === '' ? [] : folder.split('/')
  return (
    <Layout
      title={`Artifacts · ${job.name} (#${job.id}) · ${project.name}`}
      frame={frame}
      crumbs={[
        { text: project.name, href: pipelinesPath(project.name) },
        { text: `${job.name} (#${job.id})`, href: jobPath(project.name, job.id) },
      ]}
    >
      <h1>Artifacts</h1>
      <p>
        <a href={`${path}/download`}>Download all</a>
      </p>
      <nav aria-label="Folder">
        <a href={`${path}/browse`}>{job.name}</a>
        {parts.map((part, index) => (
          <>
            {' / '}
            <a href={`${path}/browse/${escapedPath(parts.slice(0, index + 1).join('/'))}`}>{part}</a>
          </>
        ))}
      </nav>
      <div class="wide">
        <table class="even" aria-label="Files">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Size</th>
            </tr>
          </thead>
          <tbody>
            {entries.map((entry) => (
              <tr key={entry.path}>
                <th scope="row">
                  <Name path={path} entry={entry} />
                </th>
                <td class="number">{entry.kind === 'file' ? bytes(entry.size) : ''}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Layout>
  )
}

function Name({ path, entry }: { readonly path: string; readonly entry: ArchiveEntry }) {
  const name = entry.path.split('/').at(-1) ?? entry.path
  if (entry.kind === 'link') return <>{`${name} (link)`}</>
  const where = entry.kind === 'folder' ? 'browse' : 'raw'
  return (
    <a href={`${path}/${where}/${escapedPath(entry.path)}`}>{entry.kind === 'folder' ? `${name}/` : name}</a>
  )
}
