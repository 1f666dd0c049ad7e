-- What an organization gets at private images with, once for each registry. Sealed as repositories' credentials are.
create table registry_credential (
  organization_id text not null,
  registry text not null,
  username text not null,
  sealed text not null,
  sealing_key text not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  primary key (organization_id, registry)
);
alter table registry_credential enable row level security;
create policy tenant on registry_credential to skypanel_tenant
  using (organization_id = current_setting('skypanel.organization_id', true))
  with check (organization_id = current_setting('skypanel.organization_id', true));
grant select, insert, update, delete on registry_credential to skypanel_tenant;
