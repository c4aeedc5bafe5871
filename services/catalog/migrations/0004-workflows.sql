-- Workflows: a head and its versions, as jobs have them. The head moves: which version is the newest, what lists filter by, what is read
-- live. A version is written once and never touched again: what runs keeps the one it began with.
--
-- Nothing that followers know of is ever removed: a deleted workflow keeps its row with `deleted_at`, its versions stay readable by its id,
-- and its slug is free again.

create table workflows (
  id uuid not null,
  project_id uuid not null,
  slug text not null,
  name text not null,
  description text not null,
  -- Name, slug and description in lower case: what a text is looked for in. Postgres would lower only what its locale knows.
  searched text not null,
  tags jsonb not null,
  enabled boolean not null,
  -- Null for a workflow that is only started.
  cron text,
  -- The slugs of the workflows that run inside of this one, each once: what lies in what is asked at every save that changes it.
  sub_workflows text[] not null,
  -- The newest version.
  version integer not null,
  deleted_at timestamptz,
  -- The transaction that changed this workflow last; set anew by every write, so that followers find what is new to them.
  changed xid8 not null default pg_current_xact_id(),
  created_by text not null,
  created_at timestamptz not null default now(),
  -- When the newest version was made.
  updated_at timestamptz not null default now(),
  constraint workflow_ids_are_unique primary key (id),
  constraint a_workflow_belongs_to_a_project foreign key (project_id) references projects (id),
  constraint a_workflow_slug_has_the_form_of_one check (
    slug ~ '^[a-z0-9]+([-_][a-z0-9]+)*$' and char_length(slug) <= 128
    -- One path segment names a workflow by id or by slug without a doubt.
    and slug !~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
  ),
  constraint a_workflow_name_has_1_to_255_characters check (char_length(name) between 1 and 255),
  constraint workflow_tags_are_an_object check (jsonb_typeof(tags) = 'object')
);

-- Decides who gets a slug, also between creates that run side by side; serves every look-up by slug.
create unique index workflow_slugs_are_unique_in_a_project on workflows (project_id, slug) where deleted_at is null;
-- "The workflows of a project, newest first, after a place".
create index workflows_of_a_project_by_age on workflows (project_id, created_at desc, id desc) where deleted_at is null;
-- "What changed since (changed, id)": the list that followers read, oldest change first.
create index workflows_by_change on workflows (changed, id);
-- "Which workflows of a project have others inside of them".
create index workflows_with_sub_workflows on workflows (project_id) where sub_workflows <> '{}' and deleted_at is null;

-- One configuration of a workflow, whole, under the names of the API. A jsonb document for the reasons that job_versions gives; payloads and
-- templates are JSON text inside it, as strings, so they keep their bytes.
create table workflow_versions (
  workflow_id uuid not null,
  version integer not null,
  version_id text not null,
  config jsonb not null,
  -- What reading it costs, so that an answer of many can be kept within bounds before anything is read.
  config_bytes integer not null generated always as (octet_length(config::text)) stored,
  created_by text not null,
  created_at timestamptz not null default now(),
  -- Serves every read of a version, and the list of them.
  constraint the_versions_of_a_workflow_are_numbered_once primary key (workflow_id, version),
  constraint version_ids_are_unique_in_a_workflow unique (workflow_id, version_id),
  constraint workflow_versions_count_from_1 check (version >= 1),
  constraint a_workflow_version_id_has_the_form_of_one check (version_id ~ '^ver_[0-9a-z]{10}$'),
  constraint a_workflow_config_is_an_object check (jsonb_typeof(config) = 'object'),
  constraint a_version_belongs_to_a_workflow foreign key (workflow_id) references workflows (id)
);

-- Head and version are written in one statement; both constraints are checked at its end.
alter table workflows
  add constraint the_newest_version_of_a_workflow_exists
  foreign key (id, version) references workflow_versions (workflow_id, version);

create trigger a_workflow_version_never_changes before update on workflow_versions
  for each row execute function refuse_change();
