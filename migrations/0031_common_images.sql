-- Images of nothing but layers that several services' images have, which workers pull before anybody needs them. Made
-- anew from what serves, every little while: nothing is lost with a row.
create table common_image (
  -- The run of layers that it is.
  chain text primary key,
  digest text not null unique,
  config_digest text not null,
  manifest text not null,
  config text not null,
  -- Of its layers, as they are pulled.
  bytes bigint not null,
  layers integer not null,
  -- How many services have all of it.
  services integer not null
);

-- The digests of those that a worker has.
alter table worker_report add column common_images jsonb not null default '[]';
