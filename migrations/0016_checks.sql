-- A source that a member has checked and does not deploy: the newest of each member, for an hour.
create table source_check (
  id text primary key,
  organization_id text not null,
  user_id text not null,
  source jsonb not null,
  -- Whose source it is, and whose credential fetches it; null: nobody's yet.
  service_id text references service on delete cascade,
  created_at timestamptz not null default now(),
  -- The question that is under way: its builder knows it by this id, as if it were a build.
  asked_id text unique,
  worker_id text references worker on delete set null,
  asked_at timestamptz,
  finished_at timestamptz,
  -- One of the two when it has ended.
  plan jsonb,
  failure jsonb,
  unique (organization_id, user_id)
);
create index source_check_open on source_check (created_at) where finished_at is null;
create index source_check_worker on source_check (worker_id) where finished_at is null;
alter table source_check enable row level security;
create policy tenant on source_check to skypanel_tenant
  using (organization_id = current_setting('skypanel.organization_id', true))
  with check (organization_id = current_setting('skypanel.organization_id', true));
grant select, insert, update, delete on source_check to skypanel_tenant;
create trigger live after insert or delete on source_check for each row execute function notify_live();
create trigger live_update after update on source_check for each row when (old.* is distinct from new.*)
  execute function notify_live();
