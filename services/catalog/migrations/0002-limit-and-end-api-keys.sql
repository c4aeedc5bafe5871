-- API keys get limits (scopes), ends (expires_at, revoked_at), a second secret while they are rotated, and a revision by
-- which a change knows that it changes what it read.
--
-- While old and new code run side by side: the old code verifies every key as one that may do everything, limited and
-- revoked ones too. So first migrate and replace every catalog, then limit keys. The old bootstrap command makes no more
-- keys, because what a key may do is always said.

alter table api_keys
  -- Words of strait.options.v1.Scope. Keys from before there were scopes opened everything, and go on doing so.
  add column scopes text[] not null default '{admin}',
  -- Null for a key that never ends by itself.
  add column expires_at timestamptz,
  -- Null while it was not revoked. Nothing ever unsets it.
  add column revoked_at timestamptz,
  -- SHA-256 of the secret before the last rotation, and until when it works too. Who reads compares the time: a pair that
  -- has passed may stay.
  add column previous_secret_hash bytea,
  add column previous_secret_expires_at timestamptz,
  -- Counts the changes; the etag of the API is made from it.
  add column revision integer not null default 1,
  add column updated_by text,
  add column updated_at timestamptz not null default now();

alter table api_keys alter column scopes drop default;

update api_keys set updated_by = created_by, updated_at = created_at;

alter table api_keys
  alter column updated_by set not null,
  -- Which words there are is the schema's to say; here only that they are words.
  add constraint an_api_key_scope_has_the_form_of_one check (
    array_position(scopes, null) is null
    and cardinality(scopes) <= 64
    and array_to_string(scopes, ' ') ~ '^([a-z]+(:[a-z]+)?( [a-z]+(:[a-z]+)?)*)?$'
  ),
  add constraint an_api_key_ends_at_a_time_or_never check (isfinite(expires_at)),
  add constraint a_previous_api_key_secret_is_stored_hashed check (octet_length(previous_secret_hash) = 32),
  add constraint a_previous_api_key_secret_has_an_end check (
    (previous_secret_hash is null) = (previous_secret_expires_at is null)
  ),
  add constraint a_revoked_api_key_has_no_previous_secret check (revoked_at is null or previous_secret_hash is null),
  add constraint api_key_revisions_count_from_1 check (revision >= 1);

-- "The keys of a project, newest first, after a place": the pages of ListApiKeys.
create index api_keys_of_a_project_by_age on api_keys (project_id, created_at desc, id desc);
