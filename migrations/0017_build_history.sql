-- What is remembered of a build: when its builder entered each phase, and what it brought to the artifact store.
alter table build
  -- {"fetching": "<time>", …} of the builder that has it, or had it last.
  add column phases jsonb not null default '{}',
  -- Of files that came with it; null until it has succeeded.
  add column added_bytes bigint,
  -- Its log was removed, being too old.
  add column log_removed_at timestamptz;
alter table deployment
  -- {"revision", "author", "subject"} of the commit that was built.
  add column commit jsonb;
create index build_finished on build (finished_at) where log_seq > 0 and log_removed_at is null;

-- The build that brought it first.
alter table store_path add column build_id text;
create index store_path_build on store_path (build_id) where build_id is not null;

-- How many releases of a service are kept; the others go at the next collection. Null: as many as there is room for.
alter table service add column kept_releases integer check (kept_releases between 2 and 100);

-- Where on the page is more of what a notification says.
alter table notification add column path text;
