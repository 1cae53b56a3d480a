import { RETENTION_PARTS } from '../model/retention.ts'
import { MISSED_POLICIES } from '../model/schedule.ts'
import { TRIGGER_VARIABLES } from '../model/project.ts'
import { ALL_LIMITS, keyOf } from './limits.ts'

/** A part of a JSON Schema. */
export type Schema = Readonly<Record<string, unknown>>

/**
 * The JSON Schema (2020-12) of `runner.config.yaml`, for editors: keys, kinds of values and what they are for. What depends on the
 * machine (paths that exist, tokens that are written twice) only the readers know. A test holds it to the readers' keys.
 */
export function configSchema(): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'runner.config.yaml of Sluice',
    ...fields({
      listen: text('HOST:PORT; default 127.0.0.1:8929, port 0 takes a free one'),
      external_url: { ...text('where the daemon is reached from outside'), pattern: '^https?://' },
      state: text('folder of database, logs, artifacts and keys, relative to this file'),
      builds_dir: text('folder of workspaces, relative to this file'),
      concurrency: whole(1, 'jobs at a time; default: number of cores, at least 4'),
      ...ISOLATION,
      log_limit: size('of one job’s log; default 1 GiB'),
      log: text('file for the log of the daemon, opened anew by SIGHUP; default: stdout'),
      cache: fields({
        dir: text('folder of the caches, relative to this file'),
        max_size: size('of the caches of one project; default 10 GiB'),
      }),
      users: list(USER),
      projects: list(PROJECT),
      triggers: fields({ variables: TRIGGER_POLICY }),
      includes: fields({
        projects: map(text('a git repository or a folder'), 'where included projects lie'),
        remote: map(text('a folder'), 'the folder that stands for https://HOST/, by host'),
        templates: text('the folder of GitLab’s templates'),
        cache: text('a folder with remote/, templates/, projects/ and components/'),
      }),
      language: fields({
        max_yaml_size_bytes: size('of one file; default 2 MiB'),
        max_yaml_depth: whole(0, 'default 100'),
        ci_max_includes: whole(0, 'default 150'),
        ci_max_total_yaml_size_bytes: size('of all files; default 300 MiB'),
        ci_needs_size_limit: whole(0, 'needs of a job; default 50'),
        ci_pipeline_size: whole(0, 'jobs of a pipeline; 0, the default: any number'),
        compile_seconds: whole(1, 'default 30'),
        compile_memory: size('default 512 MiB'),
      }),
      limits: LIMITS,
      artifacts: fields({
        expire_in: words('a duration such as 30 days, or never'),
        keep_latest: flag('what the newest success of a ref left stays although it has expired'),
      }),
      retention: RETENTION,
      backup: fields(
        {
          every: words('a duration such as 1 day; without `backup` the daemon makes none by itself'),
          keep: whole(1, 'how many stay; default 7'),
          path: text('the folder for them, relative to this file; default: `backup` in the state folder'),
          with_files: flag('logs and artifacts too; default false'),
        },
        ['every'],
      ),
    }),
  }
}

/** A mapping with these keys and no others. */
function fields(properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema {
  return {
    type: ['object', 'null'],
    additionalProperties: false,
    properties,
    ...(required.length === 0 ? {} : { required }),
  }
}

function map(values: Schema, description: string): Schema {
  return { type: ['object', 'null'], additionalProperties: values, description }
}

function list(items: Schema): Schema {
  return { type: ['array', 'null'], items }
}

function text(description: string): Schema {
  return { type: ['string', 'null'], description }
}

/** What YAML may read as something else than text. */
function words(description: string): Schema {
  return { type: ['string', 'number', 'null'], description }
}

function flag(description: string): Schema {
  return { type: ['boolean', 'null'], description }
}

function whole(minimum: number, description: string): Schema {
  return { type: ['integer', 'null'], minimum, description }
}

function size(description: string): Schema {
  return {
    type: ['integer', 'string', 'null'],
    description: `a number of bytes or such as 10 GiB: ${description}`,
  }
}

function choice(options: readonly string[], description: string): Schema {
  return { enum: [...options, null], description }
}

function either(...options: readonly Schema[]): Schema {
  return { anyOf: options }
}

const UNBOUND: Schema = { const: 'unlimited' }
const AGE = words('a duration such as 90 days, or never')
const COUNT = either(whole(1, 'how many'), UNBOUND)
const BYTES = size('or unlimited')

const LIMITS = fields(
  Object.fromEntries(
    Object.entries(ALL_LIMITS).map(([name, value]) => [
      keyOf(name),
      /bytes$/i.test(name) ? size(`default ${value}`) : whole(0, `default ${value}`),
    ]),
  ),
)

const SHELLS = choice(['auto', 'bash', 'sh'], 'default auto: bash where there is one')

const ISOLATION = {
  executor: choice(['auto', 'bubblewrap', 'shell'], 'how jobs are isolated; default auto'),
  shell: either(SHELLS, fields({ name: SHELLS, login: flag('read the start-up files of a login shell') })),
  sandbox: fields({
    network: choice(['host', 'none', 'nat'], 'default host'),
    bind: list(
      either(
        text('a path, read-only'),
        fields({ path: text('a path'), mode: choice(['ro', 'rw'], 'default ro') }, ['path']),
      ),
    ),
    limits: fields({
      memory: size('of a job'),
      pids: whole(8, 'processes and threads of a job'),
      cpu: { type: ['number', 'null'], minimum: 0.01, description: 'processors of a job, such as 1.5' },
    }),
    allow_secrets: flag('`bind` may show keys and credentials'),
  }),
}

const BOUNDS = fields({ age: AGE, size: BYTES })
const COUNTED = fields({ age: AGE, count: COUNT, size: BYTES })

const RETENTION = fields({
  ...Object.fromEntries(
    RETENTION_PARTS.map((part) => [part, part === 'pipelines' || part === 'deliveries' ? COUNTED : BOUNDS]),
  ),
  keep_n: whole(0, 'the newest so many pipelines of each branch and tag stay; default 1'),
  keep_latest_success: flag('the newest success of each branch and tag stays; default true'),
  keep: list(
    fields({ ref: text('a name, a name with *, or /an expression/'), keep_n: whole(0, 'how many') }, [
      'ref',
      'keep_n',
    ]),
  ),
})

const SCALAR: Schema = { type: ['string', 'number', 'boolean', 'null'] }

/** Of a project or of a schedule: a value, or a mapping that says more of it. */
const VARIABLES = map(
  either(
    SCALAR,
    fields(
      {
        value: { ...SCALAR, description: 'the value, ${NAME} of the environment, or file:PATH' },
        masked: flag('replaced in logs'),
        protected: flag('only in pipelines of the default branch'),
        type: choice(['env_var', 'file'], 'default env_var'),
        environment_scope: text('default *'),
        raw: flag('nothing inside the value is expanded or read from elsewhere'),
        description: text(''),
      },
      ['value'],
    ),
  ),
  'variables by name',
)

const TRIGGER_POLICY = choice(TRIGGER_VARIABLES, 'which variables callers may set; default any')
const SECRET = text('the text itself, ${NAME} of the environment, or file:PATH')
const TEXTS = list(text(''))

const TRIGGERS = list(
  fields(
    {
      description: text(''),
      token: SECRET,
      owner: text('a user; without one it runs as nobody'),
      expires_at: text('a date, in quotes'),
      allowed_refs: TEXTS,
      allowed_variables: either(
        TEXTS,
        map(either(text(''), TEXTS), 'keys, and the patterns of their values'),
      ),
      fixed_variables: map(text(''), 'variables that every run gets'),
      allowed_networks: TEXTS,
      rate_limit: whole(1, 'requests a minute'),
      webhook_secret: SECRET,
    },
    ['token'],
  ),
)

const REFS = either(flag(''), text('a pattern'), TEXTS)
const WATCHED = choice(['off', 'branches', 'tags'], '')

const PROJECT = fields(
  {
    id: whole(1, 'the id that the API knows it by'),
    name: { type: 'string', pattern: '^\\w[\\w.-]*(/\\w[\\w.-]*)+$', description: 'namespace/project' },
    path: text('the repository, relative to this file'),
    default_branch: text('default: the branch that is checked out'),
    ci_config_path: text('default .gitlab-ci.yml'),
    variables: VARIABLES,
    triggers: either(TRIGGERS, fields({ variables: TRIGGER_POLICY, tokens: TRIGGERS })),
    schedules: list(
      fields(
        {
          description: text(''),
          cron: text('five fields, as in GitLab'),
          timezone: text('IANA or Rails name; default UTC'),
          ref: text('branch or tag'),
          active: flag('default true'),
          variables: VARIABLES,
          inputs: map({}, 'values for spec:inputs'),
          missed: choice(MISSED_POLICIES, 'times that passed while nobody looked; default once'),
        },
        ['cron', 'ref'],
      ),
    ),
    watch: either(
      flag(''),
      WATCHED,
      list(WATCHED),
      fields({
        branches: REFS,
        tags: REFS,
        working_tree: flag('Saves in the work tree make pipelines too.'),
      }),
    ),
    job_token_allowlist: TEXTS,
    ...ISOLATION,
    retention: RETENTION,
  },
  ['id', 'name', 'path'],
)

const USER = fields(
  {
    username: text(''),
    name: text(''),
    email: text(''),
    projects: map(choice(['developer', 'maintainer', 'owner'], ''), 'role by project id'),
  },
  ['username'],
)
