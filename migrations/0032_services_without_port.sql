-- A service may listen on no port: a worker, a bot. What is asked on a port needs one.
alter table service
  alter column port drop not null,
  add constraint service_health_path_needs_port check (port is not null or health_path is null);
alter table deployment alter column port drop not null;
alter table release alter column port drop not null;
