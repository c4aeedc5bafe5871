-- The schedule of a disabled job stays and is silent: its times are recorded as skipped, one row while it lasts.
--
-- While old and new code run side by side, the old code goes on firing for disabled jobs, and the dispatcher refuses those fires.

alter table schedules
  add column enabled boolean not null default true;

comment on column schedules.missed_from is
  'Where the times began that one row of the ledger tells and that go on: missed ones of which not all are recorded yet, or skipped ones '
  'while the job is disabled. Null otherwise.';

-- The catalog tells changes by another cursor from now on: what it knows is taken anew, which changes nothing that is as it was.
update catalog_cursor set since = '';
