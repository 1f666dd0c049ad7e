-- Values of secret variables that a stack's services are given with their settings, sealed. Each is here until the step
-- that sets it as a secret variable of its service.
create table stack_secret_variable (
  stack_id text not null references stack on delete cascade,
  organization_id text not null,
  -- Of the service within the stack, and of the variable.
  key text not null,
  name text not null,
  sealed text not null,
  sealing_key text not null,
  primary key (stack_id, key, name)
);
alter table stack_secret_variable enable row level security;
create policy tenant on stack_secret_variable to skypanel_tenant
  using (organization_id = current_setting('skypanel.organization_id', true))
  with check (organization_id = current_setting('skypanel.organization_id', true));
grant select, insert, update, delete on stack_secret_variable to skypanel_tenant;
