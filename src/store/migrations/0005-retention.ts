/** What makes room: pipelines on their way out, and indexes without which each removed job costs a pass over a table. */
export const sql = `
-- 1: chosen for removal; its files go first, then its rows. Found again after a crash.
alter table pipelines add column removing integer not null default 0;
create index pipelines_removing on pipelines (id) where removing = 1;
create index releases_of_job on releases (job_id) where job_id is not null;
create index pages_of_job on pages_deployments (job_id);
`
