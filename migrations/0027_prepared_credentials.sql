-- A credential for a repository that no service is made from yet, so that it can be tried first. It is for a day, or until
-- a service takes it over. Sealed as services' own are.
create table prepared_credential (
  id text primary key,
  organization_id text not null,
  user_id text not null,
  url text not null,
  -- The only place that it is sent to: scheme, host and port.
  origin text not null,
  kind text not null check (kind in ('token', 'deploy-key')),
  username text,
  public_key text,
  sealed text not null,
  sealing_key text not null,
  created_at timestamptz not null default now(),
  -- What an ssh host showed, as in a known_hosts file; a service that takes the credential over keeps to it.
  host_keys jsonb not null default '[]',
  -- The question that is under way: its builder knows it by this id, as if it were a build.
  asked_id text unique,
  worker_id text references worker on delete set null,
  asked_at timestamptz,
  -- One of the two when it is answered.
  answered_at timestamptz,
  failure jsonb
);
create index prepared_credential_member on prepared_credential (organization_id, user_id, created_at);
create index prepared_credential_worker on prepared_credential (worker_id) where asked_id is not null;
alter table prepared_credential enable row level security;
create policy tenant on prepared_credential to skypanel_tenant
  using (organization_id = current_setting('skypanel.organization_id', true))
  with check (organization_id = current_setting('skypanel.organization_id', true));
grant select, insert, update, delete on prepared_credential to skypanel_tenant;
create trigger live after insert or delete on prepared_credential for each row execute function notify_live();
create trigger live_update after update on prepared_credential for each row when (old.* is distinct from new.*)
  execute function notify_live();
