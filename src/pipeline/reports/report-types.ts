import type { ReportsPlan } from '../../model/keyword-plans.ts'

/** How GitLab wants a report sent and kept, and under which name. */
export interface ReportType {
  readonly format: 'gzip' | 'raw' | 'zip'
  readonly name: string
}

const gzip = (name: string): ReportType => ({ format: 'gzip', name })
const raw = (name: string): ReportType => ({ format: 'raw', name })

/** GitLab: `Ci::JobArtifact::TYPE_AND_FORMAT_PAIRS` and `DEFAULT_FILE_NAMES`. What the page reads itself is raw. */
const TYPES: Readonly<Record<string, ReportType>> = {
  accessibility: raw('gl-accessibility.json'),
  annotations: gzip('gl-annotations.json'),
  api_fuzzing: raw('gl-api-fuzzing-report.json'),
  browser_performance: raw('browser-performance.json'),
  cluster_image_scanning: raw('gl-cluster-image-scanning-report.json'),
  cobertura: gzip('cobertura-coverage.xml'),
  codequality: raw('gl-code-quality-report.json'),
  container_scanning: raw('gl-container-scanning-report.json'),
  coverage_fuzzing: raw('gl-coverage-fuzzing.json'),
  cyclonedx: gzip('gl-sbom.cdx.json'),
  dast: raw('gl-dast-report.json'),
  dependency_scanning: raw('gl-dependency-scanning-report.json'),
  dotenv: gzip('.env'),
  jacoco: gzip('jacoco-coverage.xml'),
  junit: gzip('junit.xml'),
  license_scanning: raw('gl-license-scanning-report.json'),
  load_performance: raw('load-performance.json'),
  lsif: { format: 'zip', name: 'lsif.json' },
  metrics: gzip('metrics.txt'),
  performance: raw('performance.json'),
  repository_xray: gzip('gl-repository-xray.json'),
  requirements: raw('requirements.json'),
  requirements_v2: raw('requirements_v2.json'),
  sarif: raw('gl-sarif-report.json'),
  sast: raw('gl-sast-report.json'),
  secret_detection: raw('gl-secret-detection-report.json'),
  terraform: raw('tfplan.json'),
}

/** Undefined: GitLab knows no such report. */
export function reportType(type: string): ReportType | undefined {
  return Object.hasOwn(TYPES, type) ? TYPES[type] : undefined
}

/** Paths by GitLab's type: `coverage_report` is known by its format there. */
export function reportPaths({ paths, coverage }: ReportsPlan): (readonly [string, readonly string[]])[] {
  return [...Object.entries(paths), ...(coverage ? [[coverage.format, [coverage.path]] as const] : [])]
}
