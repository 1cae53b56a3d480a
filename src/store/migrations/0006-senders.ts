/** Which jobs ask for pipelines. */
export const sql = `
-- The job whose process sent the request. Of jobs that call with their own token it is the pipeline's parent job.
alter table trigger_requests add column sender_job_id integer;
`
