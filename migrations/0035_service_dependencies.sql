-- What builds of a service fetched by hashes that were known before, such as crates and modules: not in its closure, and
-- kept so that another builder need not fetch it again.
create table service_dependency (
  service_id text not null references service on delete cascade,
  organization_id text not null,
  base text not null references store_path on delete cascade,
  -- By a build that got to its end; all that one build used has the same.
  used_at timestamptz not null default now(),
  primary key (service_id, base)
);
create index service_dependency_base on service_dependency (base, organization_id);
create index service_dependency_used on service_dependency (service_id, used_at);
alter table service_dependency enable row level security;
create policy tenant on service_dependency to skypanel_tenant
  using (organization_id = current_setting('skypanel.organization_id', true));
grant select on service_dependency to skypanel_tenant;
