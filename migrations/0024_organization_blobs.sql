-- Which organizations' builds have brought a layer of an image of blobs, byte by byte: for the others it is not there,
-- whatever they know of it. With what their builder found when it unpacked it.
create table organization_blob (
  organization_id text not null,
  base text not null references store_path on delete cascade,
  unpacked_bytes bigint not null,
  diff_id text not null,
  primary key (organization_id, base)
);
create index organization_blob_base on organization_blob (base);
alter table organization_blob enable row level security;
create policy tenant on organization_blob to skypanel_tenant
  using (organization_id = current_setting('skypanel.organization_id', true));
grant select on organization_blob to skypanel_tenant;
