-- Stacks that people add: a template is of a service or of a stack, and each kind has its own names.
alter table template add column kind text not null default 'service' check (kind in ('service', 'stack'));
drop index template_name;
create unique index template_name on template (coalesce(organization_id, ''), kind, name);

-- A version of a stack is tried service by service: which one a build is of, and what that is made from.
alter table build drop constraint build_template_version_id_key,
  add column part text,
  add column part_source jsonb;
create unique index build_trial on build (template_version_id, coalesce(part, '')) where template_version_id is not null;

-- Whose template a stack is made from; null: it came with SkyPanel.
alter table stack add column template_owner text check (template_owner in ('everyone', 'organization'));
create index stack_template on stack (template) where template_owner is not null;
