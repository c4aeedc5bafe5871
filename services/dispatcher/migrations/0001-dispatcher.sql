-- Who dispatches. One row per boot of one process; its lease is the database's time.
-- A start locks its own row FOR KEY SHARE, a take-over locks it FOR UPDATE: they exclude each other, renewals disturb neither.
create table dispatchers (
  exec_id uuid primary key,
  generation int not null default 1,
  lease_until timestamptz not null,
  booted_at timestamptz not null default now(),
  constraint generation_is_positive check (generation > 0)
);

-- Who admits the runs of which jobs. A job belongs to the shard that its id hashes to.
create table shards (
  shard smallint primary key,
  owner uuid,
  constraint shard_in_range check (shard between 0 and 63)
);
insert into shards (shard) select generate_series(0, 63);

-- What was asked for: written once, never changed.
create table runs (
  id uuid primary key,
  project_id uuid not null,
  job_id uuid not null,
  shard smallint not null,
  triggered_version int not null,
  created_at timestamptz(3) not null default clock_timestamp(),
  scheduled_at timestamptz(3) not null default clock_timestamp(),
  schedule_id uuid,
  nominal_at timestamptz(3),
  job_slug text not null,
  triggered_version_id text not null,
  triggered_by text not null,
  created_by text not null,
  traceparent text not null,
  idempotency_key text,
  -- JSON text, byte for byte: jsonb would reorder keys and cost a third more.
  payload text not null,
  metadata text not null,
  constraint triggered_by_is_known check (triggered_by in ('manual', 'cron')),
  constraint cron_runs_have_an_occurrence check ((triggered_by = 'cron') = (schedule_id is not null and nominal_at is not null))
);

-- What is live: one narrow row per unfinished run, deleted at its end. `due_at` in the past is what "queued" means: becoming due writes nothing.
-- No index names a column that a start changes (status, attempt, fence, exec_id, …), and pages keep room for it: a start stays a HOT update.
create table queue (
  run_id uuid primary key,
  project_id uuid not null,
  job_id uuid not null,
  armed xid8 not null default pg_current_xact_id(),
  due_at timestamptz(3) not null,
  version int not null,
  shard smallint not null,
  status text not null default 'ready',
  attempt smallint not null default 0,
  losses smallint not null default 0,
  fence int not null default 0,
  exec_id uuid,
  started_at timestamptz(3),
  deadline timestamptz(3),
  first_started_at timestamptz(3),
  resolved_version int,
  resolved_version_id text,
  endpoint_url text,
  error_class text,
  error_message text,
  error_http_status smallint,
  -- How much a start has to bring: one statement starts no more than it can answer in time.
  start_bytes int not null default 0,
  constraint status_is_known check (status in ('ready', 'executing')),
  constraint executing_has_a_holder check ((status = 'executing') = (exec_id is not null))
) with (fillfactor = 30);
-- The backlog of a shard in the order of its lane: paging in, keyset (due_at, run_id).
create index queue_backlog on queue (shard, due_at, run_id);
-- The sweep: what was armed since the last look, so that a lost wake costs a second.
create index queue_armed on queue (shard, armed);

-- Each finished call; the one in flight is in the queue row.
create table attempts (
  run_id uuid not null,
  fence int not null,
  exec_id uuid not null,
  started_at timestamptz(3) not null,
  finished_at timestamptz(3) not null,
  next_attempt_at timestamptz(3),
  attempt smallint not null,
  http_status smallint,
  outcome text not null,
  endpoint_url text not null,
  error_class text,
  error_message text,
  primary key (run_id, fence),
  constraint outcome_is_known check (outcome in ('succeeded', 'retryable', 'failed', 'timed_out', 'lost', 'unsent'))
);

-- How runs ended: appended once.
create table outcomes (
  run_id uuid primary key,
  started_at timestamptz(3),
  finished_at timestamptz(3) not null,
  resolved_version int,
  attempt smallint not null,
  error_http_status smallint,
  status text not null,
  resolved_version_id text,
  result text,
  error_class text,
  error_message text,
  constraint status_is_terminal check (status in ('completed', 'failed', 'timed_out', 'crashed')),
  constraint result_means_completed check ((status = 'completed') = (result is not null))
);

-- Which run a key stands for. The unique row decides races.
create table dedup (
  job_id uuid not null,
  key text not null,
  run_id uuid not null,
  primary key (job_id, key)
);

-- What others follow: one row per write batch, in the batch's own transaction.
create table feed (
  pos bigint generated always as identity primary key,
  xid xid8 not null default pg_current_xact_id(),
  body bytea not null
);
-- Reading in order.
create index feed_order on feed (xid, pos);

-- How far each follower has come.
create table feed_followers (
  follower text primary key,
  xid xid8 not null,
  pos bigint not null,
  reported_at timestamptz not null default now()
);
