/** What the API keeps beyond pipelines. */
export const sql = `
create table project_variables (
  id integer primary key autoincrement,
  project_id integer not null references projects on delete cascade,
  key text not null,
  value_sealed blob not null,
  variable_type text not null default 'env_var' check (variable_type in ('env_var', 'file')),
  environment_scope text not null default '*',
  protected integer not null default 0,
  masked integer not null default 0,
  -- Its value is never shown again.
  hidden integer not null default 0,
  raw integer not null default 0,
  description text,
  created_at integer not null,
  updated_at integer not null,
  unique (project_id, key, environment_scope)
) strict;

-- Lists of the API, and what an event stream looks through when it is resumed.
-- One that answers most filters of the list by itself: rows are read for what is shown, not for what is passed over.
drop index pipelines_of_project;
create index pipelines_of_project on pipelines (project_id, id, source, created_at);
create index pipelines_of_user on pipelines (project_id, user_id, id, source);
create index pipelines_by_status on pipelines (project_id, status, id, source);
create index pipelines_named on pipelines (project_id, name, id) where name is not null;
create index pipelines_broken on pipelines (project_id, id) where config_error is not null;
create index jobs_of_project on jobs (project_id, id);
create index pipelines_by_update on pipelines (project_id, updated_at, id);
create index pipelines_of_schedule on pipelines (project_id, schedule_id, id) where schedule_id is not null;
create index pipelines_of_sha on pipelines (project_id, sha, id);

alter table users add column created_at integer not null default 0;
alter table users add column blocked_at integer;
-- Where the configuration file names the user; null: made by command or API.
alter table users add column declared_at text;
-- 0: granted by command or API, so that a start leaves it alone.
alter table project_members add column declared integer not null default 1;

-- FILE:LINE of the configuration that declares it.
alter table triggers add column declared_at text;
-- 1: somebody took ownership, which the file's owner does not undo.
alter table triggers add column taken_over integer not null default 0;
-- JSON of what narrows the token; holds values, so sealed. Null: nothing does.
alter table triggers add column limits_sealed blob;
-- What senders prove that they know. Null: they need not.
alter table triggers add column secret_sealed blob;

alter table access_tokens add column description text;

alter table trigger_requests add column short_token text;
alter table trigger_requests add column ms integer;
-- Ref, variables, inputs and payload of a request whose token was right, to be sent again.
alter table trigger_requests add column call_sealed blob;
-- Bytes that the row takes, roughly.
alter table trigger_requests add column size integer not null default 0;
alter table trigger_requests add column replay_of integer;
alter table trigger_requests add column replayed integer not null default 0;
-- Of an accepted request with an Idempotency-Key, and of one with a webhook-id: both until they may be used again.
alter table trigger_requests add column idempotency_key blob;
alter table trigger_requests add column body_sha256 blob;
alter table trigger_requests add column webhook_id blob;
-- 0: too old to be listed, kept as the provenance of its pipeline.
alter table trigger_requests add column listed integer not null default 1;
create unique index trigger_requests_idempotency on trigger_requests (idempotency_key) where idempotency_key is not null;
create unique index trigger_requests_webhook on trigger_requests (webhook_id) where webhook_id is not null;
create index trigger_requests_size on trigger_requests (size);
create index trigger_requests_refused on trigger_requests (id) where pipeline_id is null;
create index pipelines_unended on pipelines (id) where finished_at is null;
-- Where projects were found before they were given another path.
create table project_paths (
  path text primary key collate nocase,
  project_id integer not null references projects on delete cascade
) strict;
create trigger project_moved after update of name on projects when old.name <> new.name begin
  insert or replace into project_paths (path, project_id) values (old.name, old.id);
end;
create index pipelines_maybe_redundant on pipelines (project_id, ref, sha) where finished_at is null;
`
