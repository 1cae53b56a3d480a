import type { Job } from '../../model/job.ts'
import type { ArtifactRow } from '../../store/artifacts.ts'
import { jobPath } from '../urls.ts'
import { Action, Ask } from './action.tsx'
import { Moment } from './moment.tsx'
import { artifactsPath } from './paths.ts'

interface JobArtifactsProps {
  readonly project: string
  readonly job: Job
  readonly artifacts: readonly ArtifactRow[]
  /** The archive may still be had. */
  readonly archive: ArtifactRow | undefined
  readonly maintains: boolean
}

export function JobArtifacts({ project, job, artifacts, archive, maintains }: JobArtifactsProps) {
  if (artifacts.length === 0) return null
  const path = artifactsPath(project, job.id)
  const expires = artifacts.find(({ expiresAt }) => expiresAt !== null)?.expiresAt ?? null
  return (
    <section aria-labelledby="artifacts">
      <h2 id="artifacts">Artifacts</h2>
      {expires !== null && (
        <p class="quiet">
          They are kept until <Moment at={expires} />.
        </p>
      )}
      {archive && (
        <p>
          <a href={`${path}/browse`}>Browse</a> · <a href={`${path}/download`}>Download</a>{' '}
          <span class="quiet">{bytes(archive.size)}</span>
        </p>
      )}
      <ul>
        {artifacts
          .filter(({ kind }) => kind !== 'archive')
          .map((report) => (
            <li key={report.id}>{`Report ${report.kind}, ${bytes(report.size)}`}</li>
          ))}
      </ul>
      <div class="actions">
        {expires !== null && (
          <Action to={`${jobPath(project, job.id)}/artifacts/keep`} text="Keep" label="Keep artifacts" />
        )}
        {maintains && (
          <Ask
            to={`${jobPath(project, job.id)}/artifacts/delete`}
            text="Delete"
            label="Delete artifacts"
            confirm="Delete artifacts"
          >
            <p>The artifacts of this job go for good.</p>
          </Ask>
        )}
      </div>
    </section>
  )
}

/** `17 bytes`, `1.5 KiB`, `20.0 MiB` */
export function bytes(size: number): string {
  if (size < 1024) return `${size} bytes`
  const steps = Math.min(4, Math.floor(Math.log2(size) / 10))
  return `${(size / 1024 ** steps).toFixed(1)} ${['', 'KiB', 'MiB', 'GiB', 'TiB'][steps] ?? ''}`
}
