-- Stacks: several services of one organization that are deployed in the order of what they need, updated, rolled back and
-- deleted as one. A stack's services are ordinary rows of `service`.
create table stack (
  id text primary key,
  organization_id text not null,
  organization_slug text not null,
  name text not null,
  template text not null,
  wish text not null default 'running' check (wish in ('running', 'deleted')),
  -- Of one that is deleted: services with a volume stay, stopped, as services of their own.
  keeps_volumes boolean not null default false,
  revision_count integer not null default 0,
  created_by text not null,
  created_at timestamptz not null default now(),
  unique (organization_id, name)
);

create table stack_revision (
  stack_id text not null references stack on delete cascade,
  organization_id text not null,
  number integer not null,
  kind text not null check (kind in ('create', 'update', 'rollback')),
  target integer,
  template_version text not null,
  -- What customers set, and what follows from it and the template. Secrets are references in it.
  settings jsonb not null,
  parts jsonb not null,
  status text not null default 'deploying' check (status in ('deploying', 'live', 'failed')),
  failure jsonb,
  created_by text not null,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  primary key (stack_id, number)
);
create index stack_revision_unfinished on stack_revision (stack_id) where finished_at is null;

-- One service within one revision.
create table stack_step (
  stack_id text not null,
  organization_id text not null,
  revision integer not null,
  key text not null,
  state text not null check (state in ('waiting', 'deploying', 'live', 'unchanged', 'failed', 'skipped')),
  -- Since when what it needs was to be healthy and was not.
  held_up_at timestamptz,
  detail text,
  deployment_id text references deployment on delete set null,
  -- What it has by this revision: of a rollback, what it shall have.
  release_id text references release on delete set null,
  primary key (stack_id, revision, key),
  foreign key (stack_id, revision) references stack_revision on delete cascade
);

-- Made by the platform. Sealed columns hold ciphertext; their key is in the platform's data folder.
create table stack_secret (
  stack_id text not null references stack on delete cascade,
  organization_id text not null,
  -- As in a reference: db.password.
  name text not null,
  sealed text not null,
  sealing_key text not null,
  created_at timestamptz not null default now(),
  shown_at timestamptz,
  shown_to text,
  primary key (stack_id, name)
);

alter table service
  add column stack_id text references stack on delete set null,
  -- What it is called within its stack.
  add column stack_key text,
  -- Its endpoint leads to it; the others answer within the organization's network only.
  add column public boolean not null default true,
  add constraint service_in_stack unique (stack_id, stack_key);

do $$
declare t text;
begin
  foreach t in array array['stack', 'stack_revision', 'stack_step', 'stack_secret'] loop
    execute format('alter table %I enable row level security', t);
    execute format(
      'create policy tenant on %I to skypanel_tenant using (organization_id = current_setting(''skypanel.organization_id'', true)) with check (organization_id = current_setting(''skypanel.organization_id'', true))', t);
    execute format('grant select, insert, update, delete on %I to skypanel_tenant', t);
    execute format('create trigger live after insert or delete on %I for each row execute function notify_live()', t);
    execute format('create trigger live_update after update on %I for each row when (old.* is distinct from new.*) execute function notify_live()', t);
  end loop;
end $$;
