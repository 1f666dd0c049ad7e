-- A new release is looked after for its first minutes; one that turns bad gives way to the one before it.
alter table service
  -- How long; 0: not at all.
  add column watch_seconds integer not null default 300 check (watch_seconds between 0 and 3600);
alter table deployment
  -- The release before was healthy when the endpoint went over to this one.
  add column took_over_from_healthy boolean not null default false,
  -- Why the platform went back from it to the release before, and with which deployment.
  add column returned_reason text,
  add column returned_by integer;

create table release_watch (
  deployment_id text primary key references deployment on delete cascade,
  organization_id text not null,
  service_id text not null references service on delete cascade,
  return_release_id text not null references release on delete cascade,
  ends_at timestamptz not null,
  -- What was seen so far (platform/src/domain/releases/watch.ts).
  seen jsonb not null,
  looked_at timestamptz
);
alter table release_watch enable row level security;
create policy tenant on release_watch to skypanel_tenant
  using (organization_id = current_setting('skypanel.organization_id', true));
grant select, delete on release_watch to skypanel_tenant;
