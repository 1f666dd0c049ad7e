-- Secrets of a stack have versions. One is in force; while a secret is rotated, there is the next one beside it.
create table stack_secret_version (
  stack_id text not null,
  organization_id text not null,
  name text not null,
  version integer not null,
  sealed text not null,
  sealing_key text not null,
  created_at timestamptz not null default now(),
  primary key (stack_id, name, version),
  foreign key (stack_id, name) references stack_secret on delete cascade
);
insert into stack_secret_version (stack_id, organization_id, name, version, sealed, sealing_key, created_at)
  select stack_id, organization_id, name, 1, sealed, sealing_key, created_at from stack_secret;
alter table stack_secret_version enable row level security;
create policy tenant on stack_secret_version to skypanel_tenant
  using (organization_id = current_setting('skypanel.organization_id', true))
  with check (organization_id = current_setting('skypanel.organization_id', true));
grant select, insert, update, delete on stack_secret_version to skypanel_tenant;

alter table stack_secret
  drop column sealed,
  drop column sealing_key,
  -- In force.
  add column version integer not null default 1,
  add column version_count integer not null default 1,
  add column rotated_at timestamptz,
  -- Of a rotation: the service that the secret is of is given it first, by this deployment. Once that is live, everybody is.
  add column next_version integer,
  add column next_deployment_id text references deployment on delete set null;
create index stack_secret_deployment on stack_secret (next_deployment_id) where next_deployment_id is not null;

alter table stack_revision
  drop constraint stack_revision_kind_check,
  add constraint stack_revision_kind_check check (kind in ('create', 'update', 'rollback', 'rotate', 'return')),
  -- {secret, from, to}: versions.
  add column rotation jsonb;

-- What the references in an instance's variables stood for when it was started: texts, and versions of secrets.
alter table placement add column meanings jsonb;

grant insert on audit_event to skypanel_tenant;

-- Whose the volumes of a worker are, by service, as their containers' uids; null: its agent does not say.
alter table worker_report add column volume_owners jsonb;
