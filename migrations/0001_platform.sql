-- Services, deployments, builds, releases and workers. Every tenant's table carries the organization and has
-- row-level security; tenant requests run as the role skypanel_tenant (see platform/src/store/Tenant.ts).
do $$ begin
  if not exists (select from pg_roles where rolname = 'skypanel_tenant') then
    create role skypanel_tenant nologin;
  end if;
  execute format('grant skypanel_tenant to %I', current_user);
end $$;
grant usage on schema public to skypanel_tenant;

create table worker (
  id text primary key,
  name text not null unique,
  token_hash text not null unique,
  development boolean not null default false,
  roles text[] not null default '{services}',
  generation bigint not null default 0,
  observed_generation bigint not null default 0,
  hello jsonb,
  health jsonb,
  edge_error text,
  connected boolean not null default false,
  stopped boolean not null default false,
  last_heartbeat_at timestamptz,
  created_at timestamptz not null default now()
);

create table service (
  id text primary key,
  organization_id text not null,
  organization_slug text not null,
  name text not null,
  -- What the customer wants: running, stopped or deleted. Only requests write it.
  wish text not null default 'running' check (wish in ('running', 'stopped', 'deleted')),
  source jsonb not null,
  environment jsonb not null,
  resources jsonb not null,
  port integer not null check (port between 1 and 65535),
  health_path text,
  host text not null unique,
  -- Which deployment the endpoint leads to. Only deployments write it.
  live_deployment_id text,
  current_release_id text,
  deployment_count integer not null default 0,
  release_count integer not null default 0,
  created_at timestamptz not null default now(),
  unique (organization_id, name)
);

create table release (
  id text primary key,
  organization_id text not null,
  service_id text not null references service on delete cascade,
  number integer not null,
  image_digest text not null,
  image_bytes bigint not null,
  store_path text not null,
  command jsonb not null,
  source jsonb not null,
  revision text,
  recognised_as text,
  environment jsonb not null,
  resources jsonb not null,
  port integer not null,
  health_path text,
  created_at timestamptz not null default now(),
  unique (service_id, number)
);

create table deployment (
  id text primary key,
  organization_id text not null,
  service_id text not null references service on delete cascade,
  number integer not null,
  trigger text not null,
  status text not null default 'queued',
  source jsonb not null,
  environment jsonb not null,
  resources jsonb not null,
  port integer not null,
  health_path text,
  release_id text references release on delete set null,
  -- Why it shall end, once somebody or a newer deployment said so.
  cancel_reason text,
  -- Where the endpoint led before this deployment took it over; it goes back there on failure.
  previous_deployment_id text,
  failure jsonb,
  receipt jsonb,
  created_by text,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  unique (service_id, number)
);
create index deployment_unfinished on deployment (created_at) where finished_at is null;

create table deployment_step (
  deployment_id text not null references deployment on delete cascade,
  organization_id text not null,
  name text not null,
  state text not null default 'pending',
  started_at timestamptz,
  finished_at timestamptz,
  detail text,
  primary key (deployment_id, name)
);

create table build (
  id text primary key,
  organization_id text not null,
  deployment_id text not null unique references deployment on delete cascade,
  worker_id text references worker on delete set null,
  phase text not null default 'waiting',
  canceled boolean not null default false,
  result jsonb,
  failure jsonb,
  log_seq integer not null default 0,
  log_bytes bigint not null default 0,
  created_at timestamptz not null default now(),
  finished_at timestamptz
);
create index build_unfinished on build (worker_id) where finished_at is null;

create table build_log (
  build_id text not null references build on delete cascade,
  organization_id text not null,
  seq integer not null,
  at timestamptz not null,
  stream text not null,
  origin text not null,
  text text not null,
  primary key (build_id, seq)
);

create table instance (
  container_id text primary key,
  organization_id text not null,
  service_id text not null references service on delete cascade,
  deployment_id text not null references deployment on delete cascade,
  worker_id text not null references worker on delete cascade,
  observed jsonb not null,
  healthy boolean not null,
  updated_at timestamptz not null default now()
);
create index instance_deployment on instance (deployment_id);

do $$
declare t text;
begin
  foreach t in array array['service', 'release', 'deployment', 'deployment_step', 'build', 'build_log', 'instance'] loop
    execute format('alter table %I enable row level security', t);
    execute format(
      'create policy tenant on %I to skypanel_tenant using (organization_id = current_setting(''skypanel.organization_id'', true)) with check (organization_id = current_setting(''skypanel.organization_id'', true))', t);
    execute format('grant select, insert, update, delete on %I to skypanel_tenant', t);
  end loop;
end $$;
-- Of workers a tenant reads only what a join needs.
grant select (id, name) on worker to skypanel_tenant;

-- Signals after the fact: ids only, delivered at commit. Readers read the rows again.
create function notify_live() returns trigger language plpgsql as $$
declare
  r jsonb := to_jsonb(coalesce(new, old));
begin
  perform pg_notify('live', jsonb_build_object(
    'table', tg_table_name,
    'organization', r ->> 'organization_id',
    'service', coalesce(r ->> 'service_id', case when tg_table_name = 'service' then r ->> 'id' end),
    'deployment', coalesce(r ->> 'deployment_id', case when tg_table_name = 'deployment' then r ->> 'id' end),
    'build', case when tg_table_name = 'build' then r ->> 'id' end,
    'worker', case when tg_table_name = 'worker' then r ->> 'id' else r ->> 'worker_id' end
  )::text);
  return null;
end $$;

-- An update that changes nothing is no news: whoever waits for news and writes while looking would wake itself.
do $$
declare t text;
begin
  foreach t in array array['service', 'deployment', 'deployment_step', 'build', 'instance', 'worker'] loop
    execute format('create trigger live after insert or delete on %I for each row execute function notify_live()', t);
    execute format('create trigger live_update after update on %I for each row when (old.* is distinct from new.*) execute function notify_live()', t);
  end loop;
end $$;
