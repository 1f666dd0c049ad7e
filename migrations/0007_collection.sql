-- What the artifact store lets go of. Whoever begins to rely on something touches it (`wanted_at`), together with
-- everything it needs. A collection first buries what nothing leads to and nobody has wanted for the grace time
-- (`collected_at`: it is not answered any more, and comes back when it is wanted again), and deletes it only when it
-- has lain so for as long again.
alter table nar
  add column wanted_at timestamptz not null default now(),
  -- What a look at its file found wrong.
  add column damage text check (damage in ('missing', 'changed')),
  add column damaged_at timestamptz;
create index nar_damaged on nar (file_hash) where damage is not null;

alter table store_path
  add column wanted_at timestamptz not null default now(),
  add column collected_at timestamptz;
create index store_path_collected on store_path (registered_at, base) where collected_at is not null;

alter table layer add column wanted_at timestamptz not null default now();

alter table image
  add column wanted_at timestamptz not null default now(),
  add column collected_at timestamptz,
  -- Why, for people.
  add column collected_reason text;
create index image_store_path on image (store_path);
create index image_collected on image (collected_at) where collected_at is not null;
create index image_layer_chain on image_layer (chain);
create index layer_chain_digest on layer_chain (digest);
create index release_image on release (service_id, image_digest);
-- Who starts a deployment of an old release holds its image.
grant update (wanted_at) on image to skypanel_tenant;

create table artifact_pin (
  id text primary key,
  store_path text unique references store_path,
  release_id text unique references release on delete cascade,
  reason text not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  check ((store_path is null) <> (release_id is null))
);

create table artifact_policy (
  only_one boolean primary key default true check (only_one),
  policy jsonb not null,
  changed_by text not null,
  changed_at timestamptz not null default now()
);

create table artifact_run (
  id text primary key,
  kind text not null check (kind in ('collection', 'verification')),
  state text not null default 'running' check (state in ('running', 'done', 'failed')),
  started_by text not null,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  -- What it has done so far.
  progress jsonb not null,
  message text not null default ''
);
create index artifact_run_started on artifact_run (started_at);

-- Requests that the store answered, and that it had nothing for, by day.
create table artifact_traffic (
  day date not null,
  kind text not null check (kind in ('narinfo', 'nar', 'blob')),
  hits bigint not null,
  misses bigint not null,
  primary key (day, kind)
);

create table artifact_sample (
  at timestamptz primary key,
  file_bytes bigint not null,
  paths bigint not null
);

do $$
declare t text;
begin
  foreach t in array array['artifact_run', 'artifact_pin', 'artifact_policy'] loop
    execute format('create trigger live after insert or delete on %I for each row execute function notify_live()', t);
    execute format('create trigger live_update after update on %I for each row when (old.* is distinct from new.*) execute function notify_live()', t);
  end loop;
end $$;
