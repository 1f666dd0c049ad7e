-- Builds wait in one queue, fair between organizations.
alter table build
  -- When a builder was last chosen for it.
  add column assigned_at timestamptz,
  -- While it waits: which of all that wait it is, from 1, and why it does.
  add column queue_position integer,
  add column queue_reason text,
  -- Builders that were lost with it.
  add column lost_workers text[] not null default '{}';
update build set assigned_at = created_at where worker_id is not null;
create index build_organization on build (organization_id, assigned_at);
create index build_open on build (created_at) where finished_at is null;
