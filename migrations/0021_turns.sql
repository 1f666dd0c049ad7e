-- When an organization was last given a builder: its builds go, its turn stays.
create table build_turn (
  organization_id text primary key,
  served_at timestamptz not null
);
insert into build_turn select organization_id, max(assigned_at) from build where assigned_at is not null group by 1;
alter table build_turn enable row level security;
create policy tenant on build_turn to skypanel_tenant
  using (organization_id = current_setting('skypanel.organization_id', true))
  with check (organization_id = current_setting('skypanel.organization_id', true));
drop index build_organization;
create index build_organization on build (organization_id, created_at) where finished_at is null;

-- Of a trial that waits: since when no builder is there. A deployment counts for itself.
alter table build add column unserved_since timestamptz;

-- A draft that is withdrawn while a builder has its trial stays, hidden, until the builder has ended it.
create index template_version_ending on template_version (template_id)
  where withdrawn_at is not null and published_at is null;
