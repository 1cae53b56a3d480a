/** The first shape of the database. Times are milliseconds since the epoch; JSON only for what is never queried. */
export const sql = `
create table processes (
  id integer primary key,
  kind text not null check (kind in ('run', 'serve')),
  pid integer not null,
  pid_start text not null,
  boot_id text not null,
  started_at integer not null,
  ended_at integer
) strict;

create table users (
  id integer primary key,
  username text not null unique,
  name text not null,
  email text not null
) strict;

create table projects (
  id integer primary key,
  name text not null unique,
  path text not null,
  default_branch text not null,
  last_pipeline_iid integer not null default 0,
  created_at integer not null
) strict;

create table project_members (
  project_id integer not null references projects on delete cascade,
  user_id integer not null references users on delete cascade,
  role text not null check (role in ('developer', 'maintainer', 'owner')),
  primary key (project_id, user_id)
) strict, without rowid;

create table triggers (
  id integer primary key autoincrement,
  project_id integer not null references projects on delete cascade,
  owner_id integer references users on delete set null,
  description text not null,
  token_hash blob not null unique,
  token_sealed blob not null,
  short_token text not null,
  created_at integer not null,
  updated_at integer not null,
  last_used_at integer,
  expires_at integer,
  revoked_at integer,
  -- 1: written in a configuration file, which alone says whether it still counts.
  declared integer not null default 0,
  withdrawn_at integer
) strict;
create index triggers_of_project on triggers (project_id);

create table access_tokens (
  id integer primary key autoincrement,
  user_id integer not null references users on delete cascade,
  name text not null,
  token_hash blob not null unique,
  scopes text not null,
  created_at integer not null,
  last_used_at integer,
  expires_at integer,
  revoked_at integer
) strict;

create table pipelines (
  id integer primary key autoincrement,
  project_id integer not null references projects on delete cascade,
  iid integer not null,
  owner integer references processes,
  ref text not null,
  tag integer not null,
  sha text not null,
  snapshot_sha text,
  before_sha text not null,
  source text not null,
  source_key text unique,
  status text not null,
  name text,
  config_error text,
  config_sha256 text,
  -- workflow:auto_cancel:on_job_failure
  on_job_failure text not null default 'none' check (on_job_failure in ('none', 'all')),
  user_id integer references users on delete set null,
  trigger_id integer references triggers on delete set null,
  parent_job_id integer,
  created_at integer not null,
  updated_at integer not null,
  started_at integer,
  finished_at integer,
  unique (project_id, iid)
) strict;
create index pipelines_of_project on pipelines (project_id, id);
create index pipelines_unfinished on pipelines (owner) where finished_at is null;

create table pipeline_variables (
  pipeline_id integer not null references pipelines on delete cascade,
  position integer not null,
  key text not null,
  value_sealed blob not null,
  file integer not null,
  raw integer not null,
  masked integer not null,
  origin text not null,
  primary key (pipeline_id, position)
) strict, without rowid;

-- What a pipeline was made from and why its jobs are in or out; kept so that later changes of files or settings do not alter it.
create table configs (
  pipeline_id integer primary key references pipelines on delete cascade,
  trace text not null check (json_valid(trace)),
  variables_sealed blob not null
) strict;

create table jobs (
  id integer primary key autoincrement,
  pipeline_id integer not null references pipelines on delete cascade,
  project_id integer not null references projects on delete cascade,
  name text not null,
  stage text not null,
  stage_index integer not null,
  "when" text not null,
  start_in integer,
  allow_failure integer not null,
  scheduling text not null check (scheduling in ('stage', 'dag')),
  status text not null,
  failure_reason text,
  exit_code integer,
  coverage real,
  token_hash blob unique,
  retried integer not null default 0,
  attempt integer not null default 1,
  created_at integer not null,
  scheduled_at integer,
  queued_at integer,
  started_at integer,
  finished_at integer,
  erased_at integer,
  trace_size integer not null default 0,
  isolation text,
  pid integer,
  pid_start text,
  boot_id text
) strict;
create index jobs_of_pipeline on jobs (pipeline_id, id);
create index jobs_pending on jobs (id) where status = 'pending';
create index jobs_scheduled on jobs (scheduled_at) where status = 'scheduled';

create table job_options (
  job_id integer primary key references jobs on delete cascade,
  options text not null check (json_valid(options))
) strict;

create table job_needs (
  job_id integer not null references jobs on delete cascade,
  position integer not null,
  name text not null,
  artifacts integer not null,
  optional integer not null,
  primary key (job_id, position)
) strict, without rowid;

create table artifacts (
  id integer primary key autoincrement,
  job_id integer not null references jobs on delete cascade,
  kind text not null,
  name text,
  path text not null,
  size integer not null,
  files integer not null,
  created_at integer not null,
  expires_at integer
) strict;
create index artifacts_of_job on artifacts (job_id);

create table trigger_requests (
  id integer primary key autoincrement,
  project_ref text not null,
  project_id integer,
  trigger_id integer,
  pipeline_id integer references pipelines on delete set null,
  form text not null,
  remote_address text not null,
  user_agent text not null,
  ref text,
  variable_keys text not null check (json_valid(variable_keys)),
  received_at integer not null,
  status integer not null,
  reason text
) strict;
create index trigger_requests_of_project on trigger_requests (project_id, id);
create index trigger_requests_of_pipeline on trigger_requests (pipeline_id);
`
