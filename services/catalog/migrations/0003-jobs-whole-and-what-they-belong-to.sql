-- Jobs get everything that is listed and read live; groups, environments, what projects are besides a name, and the audit log.
--
-- Nothing that followers know of is ever removed: what is deleted keeps its row with `deleted_at`, so that a follower that was
-- away learns of it, and runs and versions stay readable by its id. Its slug is free again: uniqueness holds among what is there.
--
-- `changed` is the transaction that wrote a row last; every write sets it anew, and HeadsChanged reads what is above its cursor.
--
-- While old and new code run side by side: the old code finds jobs by slug without asking whether they are deleted, and knows
-- no group, environment or pause. So first migrate and replace every catalog, then use them.

create table job_groups (
  id uuid not null,
  project_id uuid not null,
  slug text not null,
  name text not null,
  description text not null,
  -- Null while it is not paused.
  paused_at timestamptz,
  deleted_at timestamptz,
  -- Counts the changes; the etag of the API is made from it.
  revision integer not null default 1,
  changed xid8 not null default pg_current_xact_id(),
  created_by text not null,
  created_at timestamptz not null default now(),
  updated_by text not null,
  updated_at timestamptz not null default now(),
  constraint job_group_ids_are_unique primary key (id),
  constraint a_job_group_belongs_to_a_project foreign key (project_id) references projects (id),
  constraint a_job_group_slug_has_the_form_of_one check (
    slug ~ '^[a-z0-9]+([-_][a-z0-9]+)*$' and char_length(slug) <= 128
    and slug !~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
  ),
  constraint a_job_group_name_has_1_to_255_characters check (char_length(name) between 1 and 255)
);

-- Decides who gets a slug; serves every look-up by slug.
create unique index job_group_slugs_are_unique_in_a_project on job_groups (project_id, slug) where deleted_at is null;
-- "The groups of a project, newest first, after a place".
create index job_groups_of_a_project_by_age on job_groups (project_id, created_at desc, id desc) where deleted_at is null;
create index job_groups_by_change on job_groups (changed, id);

create table environments (
  id uuid not null,
  project_id uuid not null,
  slug text not null,
  name text not null,
  description text not null,
  -- Null for one without a parent. Cycles and depth are checked under a lock on the project's row.
  parent_id uuid,
  -- Names and values, sealed together under the project's data key: JSON {"variables": {}, "job_overrides": {}} inside. Null for none.
  sealed_variables bytea,
  -- The names alone, in order, for who may not see the values: {"variables": [], "job_overrides": {"<slug>": []}}.
  variable_names jsonb not null default '{"variables": [], "job_overrides": {}}',
  deleted_at timestamptz,
  -- Counts the changes of variables and parent: what attempts record.
  variables_revision integer not null default 1,
  -- Counts all changes; the etag of the API is made from it.
  revision integer not null default 1,
  changed xid8 not null default pg_current_xact_id(),
  created_by text not null,
  created_at timestamptz not null default now(),
  updated_by text not null,
  updated_at timestamptz not null default now(),
  constraint environment_ids_are_unique primary key (id),
  constraint an_environment_belongs_to_a_project foreign key (project_id) references projects (id),
  constraint the_parent_of_an_environment_exists foreign key (parent_id) references environments (id),
  constraint an_environment_is_not_its_own_parent check (parent_id <> id),
  constraint variables_are_never_stored_bare check (octet_length(sealed_variables) > 29),
  constraint an_environment_slug_has_the_form_of_one check (
    slug ~ '^[a-z0-9]+([-_][a-z0-9]+)*$' and char_length(slug) <= 128
    and slug !~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
  ),
  constraint an_environment_name_has_1_to_255_characters check (char_length(name) between 1 and 255)
);

create unique index environment_slugs_are_unique_in_a_project on environments (project_id, slug) where deleted_at is null;
create index environments_of_a_project_by_age on environments (project_id, created_at desc, id desc) where deleted_at is null;
-- "Which environments have this one as their parent": deletion, and the news for everything below a change.
create index environments_by_parent on environments (parent_id) where parent_id is not null;
create index environments_by_change on environments (changed, id);

alter table projects
  -- CIDR ranges, each with a port or without; empty for all that the deployment allows.
  add column egress_allow text[] not null default '{}',
  add column paused_at timestamptz,
  add column revision integer not null default 1,
  add column changed xid8 not null default pg_current_xact_id(),
  add column created_by text not null default 'system:bootstrap',
  add column updated_by text not null default 'system:bootstrap',
  add column updated_at timestamptz not null default now();

update projects set updated_at = created_at;

alter table projects
  alter column created_by drop default,
  alter column updated_by drop default;

alter table projects
  add constraint a_project_slug_is_never_taken_for_an_id check (
    slug !~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
  ),
  add constraint a_project_allows_at_most_50_ranges check (
    cardinality(egress_allow) <= 50 and array_position(egress_allow, null) is null
  );

-- A key of the deployment is bound to no project and does nothing else: nothing in it makes it one of a project, nor the other way.
alter table api_keys
  alter column project_id drop not null,
  add constraint a_key_is_bound_to_a_project_or_is_the_deployment_s check (
    case when project_id is null then scopes = '{deployment}' else not 'deployment' = any (scopes) end
  );

create index projects_by_change on projects (changed, id);
-- "All projects, newest first, after a place".
create index projects_by_age on projects (created_at desc, id desc);

-- The three environments that every project has from the beginning. Their ids are UUIDv7 as everywhere: the milliseconds in the
-- first six bytes and the version in the seventh of a random one.
insert into environments (id, project_id, slug, name, description, created_by, updated_by)
select
  encode(
    set_bit(set_bit(
      overlay(
        uuid_send(gen_random_uuid())
        placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6
      ),
      52, 1
    ), 53, 1),
    'hex'
  )::uuid,
  id, word, initcap(word), '', 'system:catalog', 'system:catalog'
from projects, unnest(array['development', 'staging', 'production']) as word;

alter table jobs
  -- What lists filter by and followers read live stands in the head; every write of a version writes it along.
  add column group_id uuid,
  add column environment_id uuid,
  add column enabled boolean not null default true,
  add column tags jsonb not null default '{}',
  add column description text not null default '',
  -- Name, slug and description in lower case: what a text is looked for in. Postgres would lower only what its locale knows.
  add column searched text not null default '',
  add column paused_at timestamptz,
  add column deleted_at timestamptz,
  -- Whether the deletion cancels what is unfinished.
  add column cancel_runs boolean not null default false,
  -- Set while a deletion asks for unfinished runs: triggers are refused meanwhile. One that is older than a minute is the leftover of a
  -- process that died, and counts as not set.
  add column closing_at timestamptz,
  add column updated_at timestamptz not null default now(),
  add constraint the_group_of_a_job_exists foreign key (group_id) references job_groups (id),
  add constraint the_environment_of_a_job_exists foreign key (environment_id) references environments (id),
  add constraint a_job_s_tags_are_an_object check (jsonb_typeof(tags) = 'object');

-- A group that is deleted keeps its row, so a reference alone does not say that it is there. Whoever puts a job into a group holds the
-- group until the commit; its deletion waits for them and takes their job out too, or comes first and they are refused. A job that
-- stays where it is holds nothing: its own row may be what the deletion waits for.
create function refuse_missing_group() returns trigger language plpgsql set search_path from current as $$
begin
  perform from job_groups
  where id = new.group_id and project_id = new.project_id and deleted_at is null
  for key share;
  if not found then
    raise exception 'the project has no group %', new.group_id
      using errcode = 'foreign_key_violation', schema = tg_table_schema, table = tg_table_name,
        constraint = 'the_group_of_a_job_exists';
  end if;
  return new;
end
$$;

create trigger a_new_job_is_in_a_group_that_is_there before insert on jobs
  for each row when (new.group_id is not null) execute function refuse_missing_group();
create trigger a_job_joins_a_group_that_is_there before update of group_id on jobs
  for each row when (new.group_id is not null and new.group_id is distinct from old.group_id)
  execute function refuse_missing_group();

-- The same of environments: whoever saves a job with one holds it until the commit, and its deletion waits and then counts them.
create function refuse_missing_environment() returns trigger language plpgsql set search_path from current as $$
begin
  perform from environments
  where id = new.environment_id and project_id = new.project_id and deleted_at is null
  for key share;
  if not found then
    raise exception 'the project has no environment %', new.environment_id
      using errcode = 'foreign_key_violation', schema = tg_table_schema, table = tg_table_name,
        constraint = 'the_environment_of_a_job_exists';
  end if;
  return new;
end
$$;

create trigger a_new_job_has_an_environment_that_is_there before insert on jobs
  for each row when (new.environment_id is not null) execute function refuse_missing_environment();
create trigger a_job_gets_an_environment_that_is_there before update of environment_id on jobs
  for each row when (new.environment_id is not null and new.environment_id is distinct from old.environment_id)
  execute function refuse_missing_environment();

update jobs set
  description = coalesce(v.config ->> 'description', ''),
  searched = lower(concat_ws(chr(1), jobs.name, jobs.slug, coalesce(v.config ->> 'description', ''))),
  updated_at = v.created_at
from job_versions as v where v.job_id = jobs.id and v.version = jobs.version;

alter table jobs drop constraint job_slugs_are_unique_in_a_project;
create unique index job_slugs_are_unique_in_a_project on jobs (project_id, slug) where deleted_at is null;
-- "The jobs of a project, newest first, after a place": pages of ListJobs, its filters checked on the way.
create index jobs_of_a_project_by_age on jobs (project_id, created_at desc, id desc) where deleted_at is null;
create index jobs_by_tag on jobs using gin (tags jsonb_path_ops) where deleted_at is null;
create index jobs_by_group on jobs (group_id) where group_id is not null and deleted_at is null;
create index jobs_by_environment on jobs (environment_id) where environment_id is not null and deleted_at is null;

alter table job_versions
  -- Whether it can serve the runs of the version before it: it was said to, or nothing of what shapes a call differs.
  add column compatible boolean not null default false;

alter table job_secrets
  -- The secret before the last change of it, which signs too until then. Null when none does.
  add column previous_webhook_secret bytea,
  add column previous_expires_at timestamptz,
  add constraint a_previous_webhook_secret_is_never_stored_bare check (octet_length(previous_webhook_secret) > 29),
  add constraint a_previous_webhook_secret_has_an_end check ((previous_webhook_secret is null) = (previous_expires_at is null));

-- Who changed what. An entry is written in the transaction of its change; place and hashes are given to it afterwards, in the order of
-- transactions, by whoever chains (see store/audit/chain-audit.ts).
create table audit_events (
  id uuid not null,
  project_id uuid not null,
  -- To the millisecond: the hash is over the time as it is shown, and nothing of it may be lost on the way.
  at timestamptz(3) not null default now(),
  actor text not null,
  action text not null,
  resource_type text not null,
  resource_id text not null,
  -- JSON text, kept as it was written: the hash is over these bytes. Null for what was not there.
  before text,
  after text,
  written xid8 not null default pg_current_xact_id(),
  -- Null until the entry is chained; set once, together.
  position bigint,
  previous_hash bytea,
  hash bytea,
  constraint audit_event_ids_are_unique primary key (id),
  constraint an_audit_event_belongs_to_a_project foreign key (project_id) references projects (id),
  constraint places_in_the_audit_log_are_unique unique (project_id, position),
  constraint places_in_the_audit_log_count_from_1 check (position >= 1),
  constraint an_audit_event_is_chained_whole check (
    (position is null) = (hash is null) and (position is null) = (previous_hash is null)
    and octet_length(hash) = 32 and octet_length(previous_hash) = 32
  )
);

-- "What of a project is not chained yet, in the order of transactions", and which projects have any.
create index audit_events_to_chain on audit_events (project_id, written, id) where position is null;
-- "What has waited the longest": the measure of a chainer that is stuck.
create index audit_events_by_wait on audit_events (written) where position is null;
-- "The entries of a project, newest first, after a place".
create index audit_events_of_a_project_by_age on audit_events (project_id, at desc, id desc);
-- The same under one filter, so that a page costs what it answers however rare its entries are. Changes are rarer than looks.
create index audit_events_of_a_resource_by_age on audit_events (project_id, resource_id, at desc, id desc);
create index audit_events_of_an_actor_by_age on audit_events (project_id, actor, at desc, id desc);
create index audit_events_of_an_action_by_age on audit_events (project_id, action, at desc, id desc);
create index audit_events_of_a_resource_type_by_age on audit_events (project_id, resource_type, at desc, id desc);

-- An entry begins without a place, gets it once, and is never touched again.
create function refuse_audit_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.position is null then
      return new;
    end if;
    raise exception 'an entry of the audit log gets its place by being chained' using errcode = 'restrict_violation';
  end if;
  if tg_op = 'UPDATE' then
    if old.position is null and new.position is not null and
      row(
        new.id, new.project_id, new.at, new.actor, new.action, new.resource_type, new.resource_id, new.before, new.after, new.written
      ) is not distinct from row(
        old.id, old.project_id, old.at, old.actor, old.action, old.resource_type, old.resource_id, old.before, old.after, old.written
      )
    then
      return new;
    end if;
  end if;
  raise exception 'an entry of the audit log never changes' using errcode = 'restrict_violation';
end
$$;

create trigger an_audit_event_never_changes before insert or update or delete on audit_events
  for each row execute function refuse_audit_change();
create trigger the_audit_log_is_never_emptied before truncate on audit_events
  for each statement execute function refuse_audit_change();
