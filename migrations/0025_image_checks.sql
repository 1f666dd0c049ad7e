-- Registries are asked as repositories' hosts are: what digest an image's tag leads to. A service keeps a row of each kind.
alter table poll drop constraint poll_pkey;
alter table poll add column kind text not null default 'git' check (kind in ('git', 'image'));
alter table poll add primary key (service_id, kind);
-- What comes of something new.
alter table poll add column action text not null default 'deploy' check (action in ('off', 'notify', 'deploy'));
-- Null: it is asked by hand only.
alter table poll alter column minutes drop not null;
-- By hand, and not answered since.
alter table poll add column wanted_at timestamptz;
-- The source that the answer is of.
alter table poll add column asked_of jsonb;
-- Of an image.
alter table poll add column registry text;
-- Since when its answer is this revision.
alter table poll add column revision_at timestamptz;
-- Revisions that members were told of, the newest last.
alter table poll add column told text[] not null default '{}';
-- Why the last answer was none: code, title, detail and next.
alter table poll add column failure jsonb;
update poll set failure = jsonb_build_object('code', 'internal', 'title', problem, 'detail', '', 'next', '')
  where problem is not null;
alter table poll drop column problem;
-- How often in a row the registry said that it is asked too often, and until when nobody of the organization asks it.
alter table poll add column limited_times integer not null default 0;
alter table poll add column limited_until timestamptz;
create index poll_limited on poll (organization_id, registry) where limited_until is not null;

-- When it was last given to a builder.
alter table registry_credential add column last_used_at timestamptz;
