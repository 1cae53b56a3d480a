/** What carrying jobs out needs: bridges, resource groups, automatic cancelling, environments, variables of single jobs, reports. */
export const sql = `
alter table jobs add column kind text not null default 'build' check (kind in ('build', 'bridge', 'external'));
alter table jobs add column interruptible integer not null default 0;
alter table jobs add column resource_group text;
-- Expanded when the job is created; as written where that is not possible yet.
alter table jobs add column environment text;
-- Who played or retried it last; null: who made the pipeline.
alter table jobs add column user_id integer references users on delete set null;
-- Seconds, fixed when the job starts.
alter table jobs add column timeout integer;
-- The last sign of life: a change of status, log bytes or a report of its runner.
alter table jobs add column updated_at integer;
-- Of an external job: what a commit status says.
alter table jobs add column description text;
alter table jobs add column target_url text;
-- 1: somebody asked for it, so that it is not held for a person or a timer again.
alter table jobs add column enqueue_now integer not null default 0;
-- 1: an archive was kept, so that the artifacts of earlier jobs are found without looking at every job.
alter table jobs add column has_archive integer not null default 0;
create index jobs_of_resource_group on jobs (project_id, resource_group, status) where resource_group is not null;
create index jobs_waiting_for_resource on jobs (id) where status = 'waiting_for_resource';
create index jobs_at_work on jobs (status, updated_at) where status in ('pending', 'running', 'canceling');
create index jobs_with_archive on jobs (pipeline_id, stage_index) where has_archive = 1;
create index jobs_by_name on jobs (pipeline_id, name);
create index jobs_newest_archive on jobs (project_id, name, id) where has_archive = 1;
create trigger archive_of_job after insert on artifacts when new.kind = 'archive'
  begin update jobs set has_archive = 1 where id = new.job_id; end;
update jobs set has_archive = 1 where id in (select job_id from artifacts where kind = 'archive');
update jobs set updated_at = coalesce(finished_at, started_at, queued_at, created_at);

create table job_variables (
  job_id integer not null references jobs on delete cascade,
  -- manual: typed in when it was played. dotenv: its report, for the jobs that need it.
  source text not null check (source in ('manual', 'dotenv')),
  position integer not null,
  key text not null,
  value_sealed blob not null,
  file integer not null,
  raw integer not null,
  masked integer not null,
  primary key (job_id, source, position)
) strict, without rowid;

create table resource_groups (
  id integer primary key autoincrement,
  project_id integer not null references projects on delete cascade,
  key text not null,
  process_mode text not null default 'unordered' check (process_mode in ('unordered', 'oldest_first', 'newest_first', 'newest_ready_first')),
  created_at integer not null,
  updated_at integer not null,
  unique (project_id, key)
) strict;

-- workflow:auto_cancel:on_new_commit
alter table pipelines add column on_new_commit text not null default 'conservative' check (on_new_commit in ('conservative', 'interruptible', 'none'));
-- Of another project's or an older pipeline's job that started this one by its token or by trigger; the job may be gone by now.
alter table pipelines add column schedule_id integer;
-- 1: a process that does not own it has changed its rows; the owner looks again.
alter table pipelines add column touched integer not null default 0;
create index pipelines_touched on pipelines (owner) where touched = 1;
-- The CI configuration of a child pipeline: what its trigger job included, as JSON; null: the project's file.
alter table pipelines add column child_config text check (child_config is null or json_valid(child_config));
create index pipelines_of_parent_job on pipelines (parent_job_id) where parent_job_id is not null;
create index pipelines_of_ref on pipelines (project_id, ref, id);

create table environments (
  id integer primary key autoincrement,
  project_id integer not null references projects on delete cascade,
  name text not null,
  slug text not null,
  external_url text,
  tier text not null,
  state text not null default 'available' check (state in ('available', 'stopping', 'stopped')),
  auto_stop_at integer,
  created_at integer not null,
  updated_at integer not null,
  unique (project_id, name)
) strict;

create table deployments (
  id integer primary key autoincrement,
  iid integer not null,
  project_id integer not null references projects on delete cascade,
  environment_id integer not null references environments on delete cascade,
  job_id integer not null unique references jobs on delete cascade,
  ref text not null,
  tag integer not null,
  sha text not null,
  status text not null check (status in ('created', 'running', 'success', 'failed', 'canceled', 'skipped', 'blocked')),
  on_stop text,
  user_id integer references users on delete set null,
  created_at integer not null,
  updated_at integer not null,
  finished_at integer,
  unique (project_id, iid)
) strict;
create index deployments_of_environment on deployments (environment_id, id);
create index environments_to_stop on environments (auto_stop_at) where auto_stop_at is not null;

alter table artifacts add column format text not null default 'zip';
-- Kept although it has expired: by a person, or because it belongs to the newest success of its ref.
alter table artifacts add column kept integer not null default 0;
create index artifacts_to_expire on artifacts (expires_at) where expires_at is not null;
-- When what a job left expires; stays when the files are gone, because whoever needs them must fail then.
alter table jobs add column artifacts_expire_at integer;
create index jobs_with_expiry on jobs (pipeline_id, stage_index) where artifacts_expire_at is not null;
create index jobs_erased on jobs (pipeline_id, stage_index) where erased_at is not null;
create trigger archive_gone after delete on artifacts when old.kind = 'archive'
  begin update jobs set has_archive = 0 where id = old.job_id; end;
-- 1: its dotenv report left variables for the jobs that need it.
alter table jobs add column has_dotenv integer not null default 0;
create index jobs_with_dotenv on jobs (pipeline_id, stage_index) where has_dotenv = 1;

-- What jobs would have published. One release for each tag.
create table releases (
  id integer primary key autoincrement,
  project_id integer not null references projects on delete cascade,
  job_id integer references jobs on delete set null,
  tag_name text not null,
  name text not null,
  description text not null,
  ref text not null,
  sha text not null,
  details text not null check (json_valid(details)),
  created_at integer not null,
  unique (project_id, tag_name)
) strict;

create table pages_deployments (
  id integer primary key autoincrement,
  project_id integer not null references projects on delete cascade,
  job_id integer not null references jobs on delete cascade,
  folder text not null,
  path_prefix text,
  created_at integer not null
) strict;
create index pages_of_project on pages_deployments (project_id, id);
`
