# What the options say, as the agent reads it: its environment.
{
  config,
  lib,
  ...
}:
let
  cfg = config.services.skypanel.worker;
  forBuilders = value: if lib.elem "builder" cfg.roles then value else null;
  bytes = import ../shared/memory.nix { inherit lib; };
in
{
  config.services.skypanel.worker.settings = lib.mapAttrs (_: lib.mkDefault) {
    SKYPANEL_CONTROL_PLANE = cfg.controlPlane;
    SKYPANEL_PLATFORM_KEY = cfg.platformKey;
    SKYPANEL_WORKER_NAME = cfg.name;
    SKYPANEL_WORKER_ROLES = lib.concatStringsSep "," (lib.unique cfg.roles);
    SKYPANEL_DATA = "/var/lib/skypanel";
    SKYPANEL_DOCKER_SOCKET = "/run/docker.sock";
    SKYPANEL_ENDPOINT_BIND = cfg.endpoint.bind;
    SKYPANEL_ENDPOINT_PORT = cfg.endpoint.port;
    SKYPANEL_ENDPOINT_ADDRESS = cfg.endpoint.address;
    SKYPANEL_LIMIT_CPU = cfg.limits.cpu;
    SKYPANEL_LIMIT_MEMORY = lib.mapNullable bytes cfg.limits.memory;
    SKYPANEL_FIREWALL = cfg.firewall;
    SKYPANEL_BUILDS = forBuilders cfg.builder.concurrency;
    SKYPANEL_NIXPKGS = forBuilders cfg.builder.nixpkgs;
    SKYPANEL_NPM_REGISTRY = forBuilders cfg.builder.npmRegistry;
    SKYPANEL_TEMPLATES = forBuilders "${cfg.package}/share/skypanel/templates";
    SKYPANEL_EMBEDDED = forBuilders "${cfg.package}/share/skypanel/nixos/embedded";
    # The machine's configuration decides which version of the agent runs, not the platform.
    SKYPANEL_ORIGIN = "nixos";
  };
}
