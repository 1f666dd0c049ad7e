-- Templates that are not shipped: everyone's, which administrators write, and an organization's own.
create table template (
  id text primary key,
  -- Null: everyone's.
  organization_id text,
  name text not null,
  version_count integer not null default 0,
  -- It is offered no more; what uses it goes on.
  removed_at timestamptz,
  created_at timestamptz not null default now()
);
create unique index template_name on template (coalesce(organization_id, ''), name);

-- A version's definition never changes.
create table template_version (
  id text primary key,
  template_id text not null references template on delete cascade,
  organization_id text,
  number integer not null,
  definition jsonb not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  -- When it was first offered; and since when it is not any more.
  published_at timestamptz,
  withdrawn_at timestamptz,
  unique (template_id, number)
);

-- A build is of a deployment, or the trial of a template's version, in the organization of whoever asked for it.
alter table build alter column deployment_id drop not null,
  add column template_version_id text unique references template_version on delete cascade,
  add column organization_slug text,
  add column created_by text,
  add check (num_nonnulls(deployment_id, template_version_id) = 1);

create index service_template on service ((source ->> 'template')) where source ->> '_tag' = 'template';
create index release_template on release ((source ->> 'template')) where source ->> '_tag' = 'template';
create index deployment_template on deployment ((source ->> 'template'))
  where source ->> '_tag' = 'template' and finished_at is null;

alter table template enable row level security;
alter table template_version enable row level security;
do $$
declare t text;
begin
  foreach t in array array['template', 'template_version'] loop
    execute format(
      'create policy tenant on %I to skypanel_tenant using (organization_id = current_setting(''skypanel.organization_id'', true)) with check (organization_id = current_setting(''skypanel.organization_id'', true))', t);
  end loop;
end $$;
-- Of everyone's a tenant reads what was published, and changes nothing.
create policy everyone on template for select to skypanel_tenant using (organization_id is null);
create policy everyone on template_version for select to skypanel_tenant
  using (organization_id is null and published_at is not null);
grant select, insert, delete, update (version_count, removed_at) on template to skypanel_tenant;
grant select, insert, delete, update (published_at, withdrawn_at) on template_version to skypanel_tenant;
