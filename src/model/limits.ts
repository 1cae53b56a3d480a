/** How much there may be of everything; the keys of `limits:` in the configuration, with GitLab's defaults where it has one. */
export interface EngineLimits {
  /** GitLab, 1 day: a pending job that nobody takes for so long has failed. */
  readonly pendingSeconds: number
  /** GitLab, 1 hour: the same where no runner could take it. */
  readonly pendingWithoutRunnerSeconds: number
  /** GitLab, 1 hour: a job that another machine runs and of which nothing is heard for so long has failed. */
  readonly silentSeconds: number
  /** GitLab, 30 minutes: a job that is being canceled and of which nothing is heard for so long is canceled. */
  readonly cancelingSeconds: number
  /** How long after its time limit a job is failed that another machine runs, and that did not end by itself. */
  readonly overtimeSeconds: number
  /** GitLab, 1 hour: a delayed job that could not start for so long after its time has failed. */
  readonly lateScheduleSeconds: number
  /** GitLab, 7 days: older pipelines are not canceled by newer commits. */
  readonly redundantPipelineDays: number
  /** GitLab `pipeline_hierarchy_size`: pipelines that hang together through trigger jobs, over all projects. */
  readonly pipelineHierarchySize: number
  /** GitLab `downstream_pipeline_trigger_limit_per_project_user_sha`, a minute; 0: any number. */
  readonly downstreamTriggers: number
  /** GitLab `ci_pipeline_schedules`: those made through API, page or command; declared ones do not count against it. */
  readonly schedulesPerProject: number
  /** How many pipelines one look at a repository makes; GitLab has such a limit for pushes of many refs. */
  readonly pipelinesPerPush: number
  /** How many pipelines a schedule with `missed: all` makes at once. */
  readonly missedRuns: number
  /** Pipelines that have begun and not ended; a request for one more is answered 503. */
  readonly waitingPipelines: number
  /** Days after which a recorded trigger request is forgotten. */
  readonly deliveryDays: number
  /** Bytes of all recorded trigger requests together; the oldest go first. */
  readonly deliveryBytes: number
  /** Refused trigger requests that are kept; the oldest go first. */
  readonly refusedDeliveries: number
  /** GitLab `dotenv_size` and `dotenv_variables`: more fails the job. */
  readonly dotenvBytes: number
  readonly dotenvVariables: number
  /** Of one job's JUnit files together, unpacked, and how many test cases in them; more is an error of the suite. */
  readonly junitBytes: number
  readonly junitCases: number
}

/** What one request, or one sender, may ask of the server. */
export interface HttpLimits {
  readonly bodyBytes: number
  readonly headerBytes: number
  /** Seconds for the head of a request, and for all of it. */
  readonly headerSeconds: number
  readonly requestSeconds: number
  readonly connections: number
  /** Rack's: how many parameters, and how deep in brackets. */
  readonly parameters: number
  readonly parameterDepth: number
  /** A minute, from beyond loopback; 0: any number. */
  readonly requestsPerToken: number
  readonly requestsPerAddress: number
  /** The longest that `wait=true` holds an answer, and how many are held at a time. */
  readonly waitSeconds: number
  readonly waitingAnswers: number
  /** Streams of events that are open at a time. */
  readonly eventStreams: number
  /** Hours for which an `Idempotency-Key` is remembered. */
  readonly idempotencyHours: number
  /** Seconds that `webhook-timestamp` may be away from now. */
  readonly signatureSeconds: number
}

/** GitLab's web hooks have 25 MB; the times: 500 connections that drip their heads are gone after 5.5 s, unnoticed by others. */
export const DEFAULT_HTTP_LIMITS: HttpLimits = {
  bodyBytes: 25 * 1024 ** 2,
  headerBytes: 16 * 1024,
  headerSeconds: 5,
  requestSeconds: 10,
  connections: 1000,
  parameters: 4096,
  parameterDepth: 100,
  requestsPerToken: 600,
  requestsPerAddress: 3000,
  waitSeconds: 3600,
  waitingAnswers: 100,
  eventStreams: 500,
  idempotencyHours: 24,
  signatureSeconds: 300,
}

export const DEFAULT_LIMITS: EngineLimits = {
  pendingSeconds: 24 * 3600,
  pendingWithoutRunnerSeconds: 3600,
  silentSeconds: 3600,
  cancelingSeconds: 1800,
  overtimeSeconds: 900,
  lateScheduleSeconds: 3600,
  redundantPipelineDays: 7,
  pipelineHierarchySize: 1000,
  downstreamTriggers: 0,
  schedulesPerProject: 10,
  pipelinesPerPush: 100,
  missedRuns: 10,
  waitingPipelines: 100_000,
  deliveryDays: 90,
  deliveryBytes: 256 * 1024 ** 2,
  refusedDeliveries: 10_000,
  dotenvBytes: 5 * 1024,
  dotenvVariables: 150,
  junitBytes: 100 * 1024 ** 2,
  junitCases: 500_000,
}

/** How long what jobs leave is kept; `artifacts:` in the configuration. */
export interface ArtifactRules {
  /** For jobs without `expire_in`; 0: for ever. GitLab: 30 days. */
  readonly expireSeconds: number
  /** GitLab (keep the latest artifacts): what the newest success of a ref left stays although it has expired. */
  readonly keepLatest: boolean
}

export const DEFAULT_ARTIFACT_RULES: ArtifactRules = { expireSeconds: 30 * 24 * 3600, keepLatest: true }
