-- Hashes of dependencies that no lock file has: what a service's build fetched first, which later ones are held to.
create table learned_hash (
  service_id text not null references service on delete cascade,
  organization_id text not null,
  kind text not null,
  -- The SHA-256 of what the lock file says.
  lock text not null,
  subject text not null,
  hash text not null,
  deployment_id text references deployment on delete set null,
  learned_at timestamptz not null default now(),
  used_at timestamptz not null default now(),
  primary key (service_id, kind, lock)
);
create index learned_hash_deployment on learned_hash (deployment_id) where deployment_id is not null;
alter table learned_hash enable row level security;
create policy tenant on learned_hash to skypanel_tenant
  using (organization_id = current_setting('skypanel.organization_id', true))
  with check (organization_id = current_setting('skypanel.organization_id', true));
grant select, delete on learned_hash to skypanel_tenant;

-- Those that a build used, each with whether it was the first.
alter table build add column learned jsonb not null default '[]';

-- A member who forgets one is written down in the transaction that does it.
grant insert on audit_event to skypanel_tenant;
