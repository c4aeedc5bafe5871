-- Webhooks: an event that is told to one subscription. The row is the promise to tell it, the body is what is told,
-- byte for byte and the same at every attempt.
create table deliveries (
  id uuid primary key,
  -- What happened, named so that hearing of it twice is noticed: the run's id and the type.
  event_id text not null,
  -- Who is told. The job's own webhook_url has no subscription: it stands under the nil id.
  subscription uuid not null default '00000000-0000-0000-0000-000000000000',
  project_id uuid not null,
  job_id uuid not null,
  run_id uuid not null,
  -- Attempts begun.
  attempt int not null default 0,
  -- When it is due for its next attempt; of no meaning at the end.
  next_attempt_at timestamptz(3) not null default now(),
  created_at timestamptz(3) not null default now(),
  -- The claim under which it is being attempted, and until when nobody else takes it.
  claimed_by uuid,
  claimed_until timestamptz(3),
  ended_at timestamptz(3),
  status text not null default 'pending',
  event_type text not null,
  url text not null,
  -- Of the url: what one slow endpoint is known by.
  origin text not null,
  traceparent text not null,
  body bytea not null,
  constraint deliveries_event_id_subscription_key unique (event_id, subscription),
  constraint status_is_known check (status in ('pending', 'delivered', 'failed')),
  constraint pending_is_open check ((status = 'pending') = (ended_at is null)),
  constraint claim_has_an_end check ((claimed_by is null) = (claimed_until is null)),
  constraint ended_is_not_claimed check (status = 'pending' or claimed_by is null)
);
-- The send loop: what is due, longest waiting first.
create index deliveries_due on deliveries (next_attempt_at) where status = 'pending';

-- What came of each attempt that reached an end. One whose notifier died has no row.
create table delivery_attempts (
  delivery_id uuid not null references deliveries (id) on delete cascade,
  attempt int not null,
  http_status smallint,
  duration_ms int not null,
  at timestamptz(3) not null,
  -- Null when an answer came, whatever it was.
  error_class text,
  constraint delivery_attempts_pkey primary key (delivery_id, attempt),
  constraint answered_or_not check ((http_status is null) <> (error_class is null))
);

-- How far each feed is known here.
create table feed_cursors (
  feed text primary key,
  xid xid8 not null,
  pos bigint not null
);
