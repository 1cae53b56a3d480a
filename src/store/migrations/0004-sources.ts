/** What starts pipelines by itself. */
export const sql = `
create table schedules (
  id integer primary key autoincrement,
  project_id integer not null references projects on delete cascade,
  description text not null,
  ref text not null,
  cron text not null,
  timezone text not null,
  active integer not null,
  owner_id integer references users on delete set null,
  inputs text not null default '{}' check (json_valid(inputs)),
  missed text not null default 'once' check (missed in ('once', 'skip', 'all')),
  next_run_at integer,
  last_run_at integer,
  -- Why the last due run made no pipeline; null when it did.
  last_error text,
  missed_runs integer not null default 0,
  -- Where the configuration file declares it; null: made through API, page or command.
  declared_key text,
  declared_at text,
  created_at integer not null,
  updated_at integer not null
) strict;
create unique index schedules_declared on schedules (project_id, declared_key) where declared_key is not null;
create index schedules_due on schedules (next_run_at) where active = 1 and next_run_at is not null;

create table schedule_variables (
  schedule_id integer not null references schedules on delete cascade,
  position integer not null,
  key text not null,
  value_sealed blob not null,
  variable_type text not null default 'env_var' check (variable_type in ('env_var', 'file')),
  raw integer not null default 0,
  primary key (schedule_id, key)
) strict, without rowid;

-- Since when its refs are watched; null: they are not, and what moved before then runs nothing.
alter table projects add column watched_at integer;

-- What each ref of a served repository pointed to when it was last looked at.
create table watched_refs (
  project_id integer not null references projects on delete cascade,
  -- The full name: refs/heads/main.
  name text not null,
  -- Null: it was deleted, and may come back.
  sha text,
  -- How often it has moved: tells a tip that comes back from one that was seen already.
  moves integer not null,
  seen_at integer not null,
  primary key (project_id, name)
) strict, without rowid;
`
