# What the options say, as the platform reads it: its environment. Secrets are not here; service.nix reads their files.
{
  config,
  lib,
  ...
}:
let
  cfg = config.services.skypanel.platform;
  scheme = lib.head (lib.splitString "://" cfg.publicUrl);
  authority = lib.last (lib.splitString "://" cfg.publicUrl);
  hasPort = builtins.match ".*:[0-9]+" authority != null;
  registry =
    if hasPort then
      authority
    else
      "${authority}:${if scheme == "https" then "443" else "80"}";
in
{
  config.services.skypanel.platform.settings = lib.mapAttrs (_: lib.mkDefault) {
    SKYPANEL_PUBLIC_URL = cfg.publicUrl;
    SKYPANEL_HOST = cfg.host;
    SKYPANEL_PORT = cfg.port;
    SKYPANEL_DATA = "/var/lib/skypanel-platform";
    SKYPANEL_DOCKER_SOCKET = "/run/docker.sock";
    SKYPANEL_ENDPOINT_DOMAIN = cfg.endpoint.domain;
    SKYPANEL_ENDPOINT_PORT = cfg.endpoint.port;
    SKYPANEL_REGISTRY_ADDRESS = if cfg.registryAddress == null then registry else cfg.registryAddress;
    SKYPANEL_BEHIND_PROXY = cfg.behindProxy;
    SKYPANEL_NPM_REGISTRY = cfg.npmRegistry;
    SKYPANEL_UPSTREAM_CACHES =
      if cfg.upstreamCaches == [ ] then null else builtins.toJSON cfg.upstreamCaches;
    SKYPANEL_ADMIN_EMAIL = cfg.administrator.email;
    SKYPANEL_MAIL_FROM = cfg.mail.from;
    SKYPANEL_SWARM_ADDRESS = cfg.swarm.address;
    # Peer authentication: PostgreSQL knows the user by the process that connects.
    DATABASE_URL =
      if cfg.database.createLocally then "postgres://skypanel@localhost/skypanel?host=/run/postgresql" else null;
  };
}
