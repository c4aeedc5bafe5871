-- What fires by itself: a row for each job that has a cron, under the job's id.
create table schedules (
  id uuid primary key,
  project_id uuid not null,
  job_id uuid not null,
  job_version int not null,
  -- The earliest nominal time that the ledger does not know yet. Null means that none could be computed: a fault,
  -- which is watched.
  next_fire_at timestamptz(3),
  -- Where the run of missed times began of which not all are recorded yet. Null at rest.
  missed_from timestamptz(3),
  cron text not null,
  timezone text not null,
  -- JSON text, byte for byte.
  payload text not null,
  constraint missed_from_is_past check (missed_from < next_fire_at)
);
-- The fire loop: what is due, earliest first; when to wake; and what has no time at all.
create index schedules_next_fire_at on schedules (next_fire_at);

-- The fire ledger: each nominal time of a schedule once, with what came of it. Consecutive times that were missed
-- are one row, from nominal_at to through_at. Rows outlive their schedule.
create table occurrences (
  schedule_id uuid not null,
  nominal_at timestamptz(3) not null,
  through_at timestamptz(3) not null,
  count int not null default 1,
  project_id uuid not null,
  job_id uuid not null,
  -- The version of the job whose cron named this time.
  job_version int not null,
  -- Minted here, so that a fire that is sent twice is one run.
  run_id uuid,
  outcome text not null,
  reason text,
  created_at timestamptz(3) not null default now(),
  closed_at timestamptz(3),
  -- While pending: when it is sent again, and what.
  resend_at timestamptz(3),
  payload text,
  constraint occurrences_pkey primary key (schedule_id, nominal_at),
  constraint occurrences_run_id_key unique (run_id),
  constraint outcome_is_known check (outcome in ('pending', 'fired', 'skipped', 'missed', 'refused')),
  constraint what_became_a_run_has_its_id check (outcome in ('skipped', 'missed') or run_id is not null),
  constraint pending_is_open check ((outcome = 'pending') = (closed_at is null)),
  constraint pending_can_be_sent check (num_nonnulls(resend_at, payload) = case when outcome = 'pending' then 2 else 0 end),
  constraint range_is_counted check (count >= 1 and through_at >= nominal_at and (count = 1) = (through_at = nominal_at)),
  constraint range_never_became_a_run check (count = 1 or outcome in ('skipped', 'missed'))
);
-- The repair loop: what is to be sent again, longest waiting first.
create index occurrences_pending on occurrences (resend_at) where outcome = 'pending';

-- How far the catalog's changes are known here.
create table catalog_cursor (
  id boolean primary key default true,
  since text not null,
  constraint one_row check (id)
);
insert into catalog_cursor (since) values ('');

-- How far each feed is known here.
create table feed_cursors (
  feed text primary key,
  xid xid8 not null,
  pos bigint not null
);
