-- Since when it waits for a builder: again from when it was taken back from one that is gone.
alter table source_check add column waiting_since timestamptz not null default now();
