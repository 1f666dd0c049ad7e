-- Folders that came to the platform, each once for an organization: the file `folders/<organization>/<digest>.tar.gz`
-- of the data folder is written and verified before its row is.
create table folder (
  organization_id text not null,
  -- SHA-256 of the tar, in hexadecimal
  digest text not null,
  files integer not null,
  bytes bigint not null,
  packed_bytes bigint not null,
  -- When it was last uploaded, asked for or deployed: what nothing refers to goes a day later.
  used_at timestamptz not null default now(),
  primary key (organization_id, digest)
);
alter table folder enable row level security;
create policy tenant on folder to skypanel_tenant
  using (organization_id = current_setting('skypanel.organization_id', true))
  with check (organization_id = current_setting('skypanel.organization_id', true));
grant select, insert, update, delete on folder to skypanel_tenant;

create index service_folder on service (organization_id, (source ->> 'digest')) where source ->> '_tag' = 'folder';
create index release_folder on release (organization_id, (source ->> 'digest')) where source ->> '_tag' = 'folder';
