-- Workers with identities of their own, where each instance shall run, and what administrators are told.

-- Tokens that were there belonged to development workers, which register anew.
alter table worker
  drop column token_hash,
  drop column connected,
  drop column stopped,
  drop column health,
  drop column edge_error,
  drop column observed_generation,
  drop column generation,
  drop column last_heartbeat_at,
  drop constraint worker_name_key,
  -- What its installation allows; `roles` are those of them that the agent has.
  add column granted_roles text[] not null default '{services,ingress}',
  add column labels jsonb not null default '{}',
  add column region text,
  -- What an administrator wants. Only requests write it.
  add column availability text not null default 'active' check (availability in ('active', 'drain', 'remove')),
  -- What the platform makes of what it hears (platform/src/domain/workers/judge.ts). Only the judge writes these.
  add column state text not null default 'joining',
  add column state_reason text not null default '',
  add column state_since timestamptz not null default now(),
  add column takes_new boolean not null default false,
  add column gets_traffic boolean not null default false,
  add column quarantined_until timestamptz,
  -- When its agent stopped answering; null while it answers.
  add column silent_since timestamptz,
  -- What is known of its containers is true now.
  add column heard boolean not null generated always as (gets_traffic and silent_since is null) stored,
  -- Of a drain: since when, who wanted it, until when it is no matter that it is not done.
  add column drain_started_at timestamptz,
  add column drain_deadline_at timestamptz,
  add column drain_by text,
  add column drain_total integer not null default 0,
  -- An administrator said that what runs there shall be started elsewhere.
  add column move_services boolean not null default false,
  -- The version of the agent that shall run there; null: the one that does.
  add column desired_agent jsonb,
  add column goodbye text,
  -- Its node in the orchestrator's cluster: no two workers are the same.
  add column node_id text,
  add column removed_at timestamptz;
create unique index worker_name on worker (name) where removed_at is null;
create unique index worker_node on worker (node_id) where removed_at is null;
create index worker_restless on worker (id) where availability <> 'active' or silent_since is not null;

-- What changes with each heartbeat is no news for anybody who waits for news: a table of its own, without a trigger.
create table worker_report (
  worker_id text primary key references worker on delete cascade,
  health jsonb,
  problems jsonb not null default '[]',
  unreachable_peers jsonb not null default '[]',
  volumes jsonb not null default '[]',
  edge_error text,
  -- Of the desired state: the newest that was sent, and the newest that was carried out.
  generation bigint not null default 0,
  observed_generation bigint not null default 0,
  last_heartbeat_at timestamptz
);

create table worker_key (
  id text primary key,
  worker_id text not null references worker on delete cascade,
  public_key text not null unique,
  created_at timestamptz not null default now(),
  used_at timestamptz,
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index worker_key_worker on worker_key (worker_id);

create table installation (
  id text primary key,
  token_hash text not null unique,
  name text,
  roles text[] not null,
  labels jsonb not null,
  region text,
  runtime text not null,
  allow_from text,
  replaces_worker_id text references worker on delete cascade,
  development boolean not null default false,
  created_by text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  fetched_at timestamptz,
  used_at timestamptz,
  worker_id text references worker on delete set null,
  -- Of the key that used it: the same may ask again.
  public_key text,
  revoked_at timestamptz
);
create index installation_created on installation (created_at);

alter table service
  add column replicas integer not null default 1 check (replicas between 1 and 20),
  add column volume jsonb,
  -- Where its volume is, once it has one.
  add column volume_worker_id text references worker on delete set null;
alter table release add column replicas integer not null default 1, add column volume jsonb;
alter table deployment add column replicas integer not null default 1, add column volume jsonb;

-- Where one instance of a deployment shall run. Only the platform writes it; the orchestrator has one workload for
-- each that has not ended.
create table placement (
  id text primary key,
  organization_id text not null,
  service_id text not null references service on delete cascade,
  deployment_id text not null references deployment on delete cascade,
  slot integer not null,
  worker_id text not null references worker,
  state text not null default 'starting' check (state in ('starting', 'serving', 'leaving', 'ended')),
  -- deployment, drain, failover or repair.
  reason text not null,
  -- The one that it takes over from, once it is healthy.
  replaces text,
  created_at timestamptz not null default now(),
  healthy_at timestamptz,
  leaving_at timestamptz,
  ended_at timestamptz,
  -- Its worker has said that no container of it is there any more.
  gone boolean not null default false
);
create index placement_deployment on placement (deployment_id);
create index placement_replaces on placement (replaces) where replaces is not null;
create index placement_worker on placement (worker_id) where not gone;
create index placement_organization on placement (organization_id, worker_id) where not gone;
create index placement_unsettled on placement (state) where state in ('starting', 'leaving');
create index placement_ended on placement (ended_at) where ended_at is not null;

delete from instance;
alter table instance add column placement_id text not null references placement on delete cascade;
create index instance_service on instance (service_id);
create index instance_worker on instance (worker_id);

-- Grows only: what was done, and by whom.
create table audit_event (
  id text primary key,
  at timestamptz not null default clock_timestamp(),
  actor text not null,
  action text not null,
  text text not null,
  tone text not null default 'info',
  worker_id text,
  installation_id text,
  detail jsonb
);
create index audit_event_worker on audit_event (worker_id, at desc);
create index audit_event_at on audit_event (at desc);
create index audit_event_installation on audit_event (installation_id) where installation_id is not null;
create function only_grows() returns trigger language plpgsql as $$
begin
  raise exception '% only grows', tg_table_name using errcode = '42501';
end $$;
create trigger only_grows before update or delete on audit_event for each row execute function only_grows();
create trigger only_grows_truncate before truncate on audit_event for each statement execute function only_grows();

create table worker_sample (
  worker_id text not null references worker on delete cascade,
  at timestamptz not null,
  cpu_percent real not null,
  memory_used_bytes bigint not null,
  disk_used_bytes bigint not null,
  load1 real not null,
  instances smallint not null,
  primary key (worker_id, at)
);

create table alert (
  id text primary key,
  worker_id text not null references worker on delete cascade,
  kind text not null,
  started_at timestamptz not null,
  ended_at timestamptz
);
create unique index alert_open on alert (worker_id, kind) where ended_at is null;

create table notification (
  id text primary key,
  user_id text not null,
  kind text not null,
  tone text not null,
  title text not null,
  body text not null default '',
  worker_id text references worker on delete set null,
  created_at timestamptz not null default clock_timestamp(),
  -- False: only an e-mail was wanted.
  shown boolean not null,
  read_at timestamptz,
  -- Null: no e-mail was wanted. Otherwise waiting, sent or failed.
  mail text check (mail in ('waiting', 'sent', 'failed')),
  mail_address text,
  mail_attempts integer not null default 0,
  mail_next_at timestamptz
);
create index notification_user on notification (user_id, id desc);
create index notification_mail on notification (mail_next_at) where mail = 'waiting';

create table notification_preference (
  user_id text not null,
  kind text not null,
  page boolean not null,
  email boolean not null,
  primary key (user_id, kind)
);

create table fleet_policy (
  only_one boolean primary key default true check (only_one),
  policy jsonb not null,
  changed_by text not null,
  changed_at timestamptz not null default now()
);

create table agent_upgrade (
  id text primary key,
  version text not null,
  sha256 text not null,
  state text not null default 'running' check (state in ('running', 'done', 'failed', 'stopped')),
  reason text not null default '',
  started_by text not null,
  started_at timestamptz not null default now(),
  finished_at timestamptz
);
create unique index agent_upgrade_running on agent_upgrade (state) where state = 'running';
create table agent_upgrade_worker (
  upgrade_id text not null references agent_upgrade on delete cascade,
  worker_id text not null references worker on delete cascade,
  position integer not null,
  state text not null default 'waiting',
  from_version text,
  from_sha256 text,
  detail text not null default '',
  started_at timestamptz,
  primary key (upgrade_id, worker_id)
);

-- Of workers a tenant reads only what a join needs.
grant select (heard) on worker to skypanel_tenant;

do $$
declare t text;
begin
  alter table placement enable row level security;
  create policy tenant on placement to skypanel_tenant
    using (organization_id = current_setting('skypanel.organization_id', true))
    with check (organization_id = current_setting('skypanel.organization_id', true));
  grant select, insert, update, delete on placement to skypanel_tenant;
  foreach t in array array['placement', 'installation', 'alert', 'fleet_policy', 'agent_upgrade', 'agent_upgrade_worker'] loop
    execute format('create trigger live after insert or delete on %I for each row execute function notify_live()', t);
    execute format('create trigger live_update after update on %I for each row when (old.* is distinct from new.*) execute function notify_live()', t);
  end loop;
end $$;

-- A notification is news for one person, who is told by its id.
create function notify_notification() returns trigger language plpgsql as $$
begin
  perform pg_notify('notification', jsonb_build_object('user', new.user_id, 'id', new.id)::text);
  return null;
end $$;
create trigger live after insert on notification for each row when (new.shown) execute function notify_notification();
