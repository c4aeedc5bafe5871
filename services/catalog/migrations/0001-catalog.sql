-- What may run: projects, their API keys, their jobs, and every configuration that a job ever had.
--
-- A job is a head and its versions. The head (jobs) moves: which version is the newest and when that changed. A version
-- (job_versions) is written once and never touched again: runs are frozen to it and readers keep it for ever.
--
-- Constraints are named as the statements they make. The role that owns this schema is the only one that reads it.

create table projects (
  id uuid not null,
  slug text not null,
  name text not null,
  -- The key that encrypts this project's secrets, itself encrypted with the deployment's master key.
  data_key bytea not null,
  created_at timestamptz not null default now(),
  constraint project_ids_are_unique primary key (id),
  constraint project_slugs_are_unique unique (slug),
  constraint a_project_slug_has_the_form_of_one check (
    slug ~ '^[a-z0-9]+([-_][a-z0-9]+)*$' and char_length(slug) <= 128
  ),
  constraint a_project_name_has_1_to_255_characters check (char_length(name) between 1 and 255),
  -- One byte of format, 12 of nonce, 32 of key, 16 of authentication tag.
  constraint a_data_key_is_never_stored_bare check (octet_length(data_key) = 61)
);

create table api_keys (
  -- The public part of `strait_<id>_<secret>`.
  id text not null,
  project_id uuid not null,
  -- SHA-256 of the secret part. A slow hash is for what people choose; the secret has over 200 random bits.
  secret_hash bytea not null,
  name text not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  constraint api_key_ids_are_unique primary key (id),
  constraint an_api_key_is_bound_to_a_project foreign key (project_id) references projects (id),
  constraint an_api_key_id_has_10_to_32_plain_characters check (id ~ '^[0-9a-z]{10,32}$'),
  constraint an_api_key_secret_is_stored_hashed check (octet_length(secret_hash) = 32),
  constraint an_api_key_name_has_1_to_255_characters check (char_length(name) between 1 and 255)
);

-- The head of a job. Its configuration is in its newest version; slug, name and cron stand here too because jobs are
-- found by them, and every write of a version writes them along.
create table jobs (
  id uuid not null,
  project_id uuid not null,
  slug text not null,
  name text not null,
  -- Null for a job that runs only when triggered.
  cron text,
  -- The newest version.
  version integer not null,
  -- The transaction that changed this job last; set anew by every write, so that followers find what is new to them.
  changed xid8 not null default pg_current_xact_id(),
  created_by text not null,
  created_at timestamptz not null default now(),
  constraint job_ids_are_unique primary key (id),
  -- Decides who gets a slug, also between creates that run side by side; serves every look-up by slug.
  constraint job_slugs_are_unique_in_a_project unique (project_id, slug),
  constraint a_job_belongs_to_a_project foreign key (project_id) references projects (id),
  constraint a_job_slug_has_the_form_of_one check (
    slug ~ '^[a-z0-9]+([-_][a-z0-9]+)*$'
    and char_length(slug) <= 128
    -- One path segment names a job by id or by slug without a doubt.
    and slug !~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
  ),
  constraint a_job_name_has_1_to_255_characters check (char_length(name) between 1 and 255)
);

-- "What changed since (changed, id)": the list that followers of the catalog read, oldest change first.
create index jobs_by_change on jobs (changed, id);

-- One configuration of a job, whole.
--
-- `config` holds every field under the name it has in the API. It is one jsonb document and not a column per field:
-- a version is written once and read whole by (job_id, version), nothing searches inside it, and a field that the API
-- gains needs no migration, while versions from before it read as that field's default, which is what acted then. It is
-- jsonb and not protobuf, so that an operator and a diff can read it. Payloads are JSON *text* inside it, as strings, so
-- they keep their bytes. Secrets are not part of a version: they act live and are rotated without making one.
create table job_versions (
  job_id uuid not null,
  version integer not null,
  version_id text not null,
  config jsonb not null,
  -- What reading it costs, so that one answer of many jobs can be kept within bounds before anything is read.
  config_bytes integer not null generated always as (octet_length(config::text)) stored,
  created_by text not null,
  created_at timestamptz not null default now(),
  -- Serves every read of a version.
  constraint the_versions_of_a_job_are_numbered_once primary key (job_id, version),
  constraint version_ids_are_unique_in_a_job unique (job_id, version_id),
  constraint versions_count_from_1 check (version >= 1),
  constraint a_version_id_has_the_form_of_one check (version_id ~ '^ver_[0-9a-z]{10}$'),
  constraint a_config_is_an_object check (jsonb_typeof(config) = 'object'),
  constraint a_version_belongs_to_a_job foreign key (job_id) references jobs (id)
);

-- Head and version are written in one statement; both constraints are checked at its end.
alter table jobs
  add constraint the_newest_version_of_a_job_exists
  foreign key (id, version) references job_versions (job_id, version);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'a version never changes: runs are frozen to it' using errcode = 'restrict_violation';
end
$$;

create trigger a_version_never_changes before update on job_versions
  for each row execute function refuse_change();

-- What is encrypted and read live. A job without a row has no secret.
create table job_secrets (
  job_id uuid not null,
  -- AES-256-GCM under the project's data key: one byte of format, 12 of nonce, the text, 16 of authentication tag.
  webhook_secret bytea not null,
  constraint a_job_has_its_secrets_once primary key (job_id),
  constraint secrets_belong_to_a_job foreign key (job_id) references jobs (id),
  constraint a_webhook_secret_is_never_stored_bare check (octet_length(webhook_secret) > 29)
);
