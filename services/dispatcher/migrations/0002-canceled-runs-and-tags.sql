-- Runs carry tags, end canceled, and are found by their job.
--
-- While old and new code run side by side: the old code writes no tags and reads none, and knows no hold: replace every dispatcher before
-- a job is disabled or paused.

alter table runs
  -- JSON text, as metadata is.
  add column tags text not null default '{}';

alter table outcomes
  drop constraint status_is_terminal,
  add constraint status_is_terminal check (status in ('completed', 'failed', 'timed_out', 'crashed', 'canceled'));

alter table attempts
  drop constraint outcome_is_known,
  add constraint outcome_is_known
    check (outcome in ('succeeded', 'retryable', 'failed', 'timed_out', 'lost', 'unsent', 'canceled'));

-- The live runs of one job, in the order of its lane: those of a job that is held no more, page by page; those that end with their job;
-- and how many there are.
create index queue_by_job on queue (job_id, due_at, run_id);
