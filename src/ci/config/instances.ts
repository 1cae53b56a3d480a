import type {
  JobConfig,
  JobInstance,
  MatrixRow,
  NeedConfig,
  ParallelConfig,
  VariableConfig,
} from '../config.ts'

/** The jobs a parallel job stands for, in GitLab's order and with its names; null for an ordinary job. */
export function instancesOf(
  job: string,
  parallel: ParallelConfig | undefined,
): readonly JobInstance[] | null {
  if (parallel === undefined) return null
  if (parallel.kind === 'number') {
    const { total } = parallel
    return Array.from({ length: total }, (_, index) => ({
      name: `${job} ${index + 1}/${total}`,
      index: index + 1,
      total,
      variables: [],
    }))
  }
  return matrixInstances(job, parallel.rows.flatMap(combinations))
}

/**
 * GitLab keys the instances by name: where two rows give one name, the later definition takes the place of
 * the earlier.
 */
function matrixInstances(
  job: string,
  combined: readonly (readonly VariableConfig[])[],
): readonly JobInstance[] {
  const byName = new Map<string, JobInstance>()
  for (const [index, variables] of combined.entries()) {
    const name = matrixName(job, variables)
    byName.set(name, { name, index: index + 1, total: combined.length, variables })
  }
  return [...byName.values()]
}

function matrixName(job: string, variables: readonly VariableConfig[]): string {
  return `${job}: [${variables.map(({ value }) => value).join(', ')}]`
}

/** The cartesian product of one row; the first identifier varies slowest. */
function combinations(row: MatrixRow): VariableConfig[][] {
  let combined: VariableConfig[][] = [[]]
  for (const { key, values, span } of row) {
    combined = combined.flatMap((chosen) =>
      values.map((value) => [...chosen, { key, value, raw: false, span }]),
    )
  }
  return combined
}

/** The names that are in the pipeline for this job, if its rules let it in. */
export function namesOf(job: JobConfig): readonly string[] {
  return job.instances?.map((instance) => instance.name) ?? [job.name]
}

/**
 * Needs on a parallel job become needs on all its instances, or on those that `parallel:matrix` picks.
 * `owner` is the instance that needs: `$[[ matrix.X ]]` is its value of X.
 */
export function expandNeeds(
  needs: readonly NeedConfig[],
  jobs: ReadonlyMap<string, JobConfig>,
  owner: JobInstance | null = null,
): readonly NeedConfig[] {
  if (!needs.some((need) => need.matrix !== null || jobs.get(need.job)?.instances)) return needs
  return needs.flatMap((need) => namesOfNeed(need, jobs, owner).map((job) => ({ ...need, job })))
}

function namesOfNeed(
  { job, matrix }: NeedConfig,
  jobs: ReadonlyMap<string, JobConfig>,
  owner: JobInstance | null,
): readonly string[] {
  if (matrix === null) return expandNames([job], jobs)
  const picked = matrix.flatMap(combinations)
  return [
    ...new Set(
      picked.map((variables) =>
        matrixName(
          job,
          variables.map((each) => ({ ...each, value: withMatrixOf(owner, each.value) })),
        ),
      ),
    ),
  ]
}

const MATRIX_EXPRESSION = /\$\[\[\s*matrix\.([A-Za-z0-9_-]+)\s*\]\]/g

/** An identifier that the owner does not have stays as it is written, and so names no job. */
function withMatrixOf(owner: JobInstance | null, text: string): string {
  if (!text.includes('$[[')) return text
  return text.replace(
    MATRIX_EXPRESSION,
    (written, name: string) => owner?.variables.find(({ key }) => key === name)?.value ?? written,
  )
}

/** The same for the names of `dependencies`. */
export function expandNames(
  names: readonly string[],
  jobs: ReadonlyMap<string, JobConfig>,
): readonly string[] {
  return names.flatMap((name) => {
    const job = jobs.get(name)
    return job === undefined ? [name] : namesOf(job)
  })
}
