-- Secret variables of services: each value that one is given is a version. Sealed columns hold ciphertext.
create table secret_variable (
  service_id text not null references service on delete cascade,
  organization_id text not null,
  name text not null,
  version integer not null,
  -- Null: the value was forgotten; that there was this version is not.
  sealed text,
  sealing_key text,
  set_by text,
  set_at timestamptz not null default now(),
  primary key (service_id, name, version)
);
alter table secret_variable enable row level security;
create policy tenant on secret_variable to skypanel_tenant
  using (organization_id = current_setting('skypanel.organization_id', true))
  with check (organization_id = current_setting('skypanel.organization_id', true));
grant select, insert, update, delete on secret_variable to skypanel_tenant;

-- Versions by name.
alter table service add column secrets jsonb not null default '{}';
alter table deployment add column secrets jsonb not null default '{}';
alter table release add column secrets jsonb not null default '{}';
