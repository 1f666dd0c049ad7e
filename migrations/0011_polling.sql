-- Where no webhook reaches: a builder is asked now and then what commit the service's branch stands at.
create table poll (
  service_id text primary key references service on delete cascade,
  organization_id text not null,
  minutes integer not null check (minutes between 1 and 1440),
  -- The question that is under way: its builder knows it by this id, as if it were a build.
  asked_id text unique,
  worker_id text references worker on delete set null,
  asked_at timestamptz,
  answered_at timestamptz,
  revision text,
  problem text,
  -- The revision that was deployed because of it, or that needed no deployment.
  taken_revision text
);
create index poll_worker on poll (worker_id) where asked_id is not null;
alter table poll enable row level security;
create policy tenant on poll to skypanel_tenant
  using (organization_id = current_setting('skypanel.organization_id', true))
  with check (organization_id = current_setting('skypanel.organization_id', true));
grant select, insert, update, delete on poll to skypanel_tenant;
create trigger live after insert or delete on poll for each row execute function notify_live();
create trigger live_update after update on poll for each row when (old.* is distinct from new.*)
  execute function notify_live();
