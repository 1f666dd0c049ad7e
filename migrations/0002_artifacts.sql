-- The artifact store: NARs on disk, what they are store paths of, and the image layers made from them. Paths and
-- layers belong to nobody (their names are hashes of what they hold); an image belongs to a service, and only through
-- an image of its own does a repository reach a layer.

-- One file of the data folder, written and verified before its row is.
create table nar (
  file_hash text primary key,
  file_size bigint not null,
  nar_hash text not null,
  nar_size bigint not null,
  -- What in it could be the hash of a store path, separated by spaces; null when there was too much of it.
  candidates text,
  uploaded_at timestamptz not null default now()
);

create table store_path (
  -- <hash>-<name>, without /nix/store/
  base text primary key,
  hash text not null unique,
  file_hash text not null references nar,
  nar_hash text not null,
  nar_size bigint not null,
  deriver text,
  signature text not null,
  -- Whether somebody else's key had signed it: it came from a public cache.
  substituted boolean not null,
  uploaded_by text not null,
  registered_at timestamptz not null default now()
);
create index store_path_nar on store_path (file_hash);

create table store_reference (
  referrer text not null references store_path on delete cascade,
  reference text not null references store_path,
  primary key (referrer, reference)
);
create index store_reference_reverse on store_reference (reference);

create table layer (
  digest text primary key,
  -- SHA-256 over the tar's format and the sorted paths with their NAR hashes.
  key text not null unique,
  size bigint not null,
  created_at timestamptz not null default now()
);

create table layer_path (
  digest text not null references layer on delete cascade,
  position integer not null,
  base text not null references store_path,
  -- How many bytes of the tar it takes, so that a resumed download skips it without reading it.
  tar_size bigint not null,
  primary key (digest, position)
);
create index layer_path_base on layer_path (base);

-- Runs of layers from the bottom, as engines know them: the same run is the same chain in every image.
create table layer_chain (
  chain text primary key,
  parent text not null,
  digest text not null references layer,
  unique (parent, digest)
);

create table image (
  organization_id text not null,
  service_id text not null,
  digest text not null,
  -- SHA-256 over the top store path and the settings: what makes publishing twice one image.
  key text not null,
  config_digest text not null,
  manifest text not null,
  config text not null,
  store_path text not null references store_path,
  total_bytes bigint not null,
  new_bytes bigint not null,
  created_at timestamptz not null default clock_timestamp(),
  -- The deployment that made it.
  created_for text,
  -- When a deployment last came to it: the next image continues its layers.
  published_at timestamptz not null default clock_timestamp(),
  primary key (organization_id, service_id, digest),
  unique (organization_id, service_id, key)
);
create index image_service on image (service_id, published_at);

create table image_layer (
  organization_id text not null,
  service_id text not null,
  image_digest text not null,
  position integer not null,
  layer_digest text not null references layer,
  chain text not null references layer_chain,
  -- No earlier image of the service had it.
  new boolean not null,
  primary key (organization_id, service_id, image_digest, position),
  foreign key (organization_id, service_id, image_digest) references image on delete cascade
);
create index image_layer_digest on image_layer (layer_digest, organization_id, service_id);

do $$
declare t text;
begin
  foreach t in array array['image', 'image_layer'] loop
    execute format('alter table %I enable row level security', t);
    execute format(
      'create policy tenant on %I to skypanel_tenant using (organization_id = current_setting(''skypanel.organization_id'', true))', t);
    execute format('grant select on %I to skypanel_tenant', t);
  end loop;
end $$;
