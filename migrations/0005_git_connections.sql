-- What connects a service to its Git repository: a sealed credential, the host keys that were seen, and a webhook with
-- what it delivered. Sealed columns hold ciphertext; their key is in the platform's data folder.
create table credential (
  service_id text primary key references service on delete cascade,
  organization_id text not null,
  kind text not null check (kind in ('token', 'deploy-key')),
  -- The only place that it is sent to: scheme, host and port.
  origin text not null,
  username text,
  public_key text,
  sealed text not null,
  sealing_key text not null,
  created_by text not null,
  created_at timestamptz not null default now()
);

create table host_key (
  service_id text not null references service on delete cascade,
  organization_id text not null,
  origin text not null,
  -- As in a known_hosts file.
  line text not null,
  fingerprint text not null,
  pinned_at timestamptz not null default now(),
  primary key (service_id, line)
);

create table hook (
  service_id text primary key references service on delete cascade,
  organization_id text not null,
  -- In its URL.
  id text not null unique,
  sealed text not null,
  sealing_key text not null,
  paths jsonb not null,
  enabled boolean not null default true,
  created_by text not null,
  created_at timestamptz not null default now(),
  -- The newest delivery that was not signed by the secret.
  refused_at timestamptz
);

create table hook_delivery (
  service_id text not null references service on delete cascade,
  organization_id text not null,
  -- What its sender calls it, and what it is: neither is done twice.
  delivery text not null,
  digest text not null,
  at timestamptz not null default clock_timestamp(),
  provider text not null,
  event text not null,
  branch text,
  revision text,
  author text,
  outcome text not null,
  reason text not null,
  deployment_number integer,
  primary key (service_id, digest),
  unique (service_id, delivery)
);
create index hook_delivery_newest on hook_delivery (service_id, at desc);

-- The commit that a push named; null: whatever the source's branch stands at.
alter table deployment add column pinned_revision text;

do $$
declare t text;
begin
  foreach t in array array['credential', 'host_key', 'hook', 'hook_delivery'] loop
    execute format('alter table %I enable row level security', t);
    execute format(
      'create policy tenant on %I to skypanel_tenant using (organization_id = current_setting(''skypanel.organization_id'', true)) with check (organization_id = current_setting(''skypanel.organization_id'', true))', t);
    execute format('grant select, insert, update, delete on %I to skypanel_tenant', t);
    execute format('create trigger live after insert or delete on %I for each row execute function notify_live()', t);
    execute format('create trigger live_update after update on %I for each row when (old.* is distinct from new.*) execute function notify_live()', t);
  end loop;
end $$;
