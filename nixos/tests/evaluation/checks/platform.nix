# The platform's unit, its database and its user.
{
  lib,
  machine,
  samples,
  check,
  ...
}:
let
  local = machine [ samples.platform ];
  unit = local.systemd.services.skypanel-platform;
  remote = machine [
    samples.platform
    {
      services.skypanel.platform = {
        publicUrl = lib.mkForce "http://10.0.0.1:9000";
        registryAddress = "10.0.0.1:9001";
        database = {
          createLocally = false;
          urlFile = "/var/lib/secrets/database";
        };
        settings.SKYPANEL_HEALTH_DEADLINE_SECONDS = 120;
        settings.SKYPANEL_ALLOW_PRIVATE_GIT = true;
        host = "0.0.0.0";
        npmRegistry = "https://npm.example.com/";
      };
    }
  ];
  upstream = {
    url = "https://cache.nixos.org";
    publicKeys = [ "cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=" ];
    priority = 50;
  };
  registryOf =
    publicUrl:
    (machine [
      samples.platform
      { services.skypanel.platform.publicUrl = lib.mkForce publicUrl; }
    ]).services.skypanel.platform.settings.SKYPANEL_REGISTRY_ADDRESS;
in
[
  (check "the platform's environment" unit.environment {
    DATABASE_URL = "postgres://skypanel@localhost/skypanel?host=/run/postgresql";
    SKYPANEL_ADMIN_EMAIL = "you@example.com";
    SKYPANEL_BEHIND_PROXY = "true";
    SKYPANEL_DATA = "/var/lib/skypanel-platform";
    SKYPANEL_DOCKER_SOCKET = "/run/docker.sock";
    SKYPANEL_ENDPOINT_DOMAIN = "apps.example.com";
    SKYPANEL_ENDPOINT_PORT = "80";
    SKYPANEL_HOST = "127.0.0.1";
    SKYPANEL_PORT = "8080";
    SKYPANEL_PUBLIC_URL = "https://panel.example.com";
    SKYPANEL_REGISTRY_ADDRESS = "panel.example.com:443";
    SKYPANEL_SWARM_ADDRESS = "10.0.0.1";
  })
  (check "its database is its own, and it may make the role that row-level security is by"
    {
      inherit (local.services.postgresql) enable ensureDatabases ensureUsers;
      waits = lib.elem "postgresql.target" unit.requires && lib.elem "postgresql.target" unit.after;
    }
    {
      enable = true;
      ensureDatabases = [ "skypanel" ];
      ensureUsers = [
        {
          name = "skypanel";
          ensureDBOwnership = true;
          ensureClauses.createrole = true;
        }
      ];
      waits = true;
    }
  )
  (check "a database elsewhere: its URL is a credential, and PostgreSQL is not run"
    {
      inherit (remote.services.postgresql) enable;
      inherit (remote.systemd.services.skypanel-platform) requires;
      url = remote.systemd.services.skypanel-platform.environment.DATABASE_URL or null;
      credential = lib.elem "DATABASE_URL:/var/lib/secrets/database" remote.systemd.services.skypanel-platform.serviceConfig.LoadCredential;
    }
    {
      enable = false;
      requires = [ ];
      url = null;
      credential = true;
    }
  )
  (check "further settings, as systemd takes them"
    {
      inherit (remote.systemd.services.skypanel-platform.environment)
        SKYPANEL_ALLOW_PRIVATE_GIT
        SKYPANEL_BEHIND_PROXY
        SKYPANEL_HEALTH_DEADLINE_SECONDS
        SKYPANEL_NPM_REGISTRY
        SKYPANEL_REGISTRY_ADDRESS
        ;
    }
    {
      SKYPANEL_ALLOW_PRIVATE_GIT = "true";
      SKYPANEL_BEHIND_PROXY = "false";
      SKYPANEL_HEALTH_DEADLINE_SECONDS = "120";
      SKYPANEL_NPM_REGISTRY = "https://npm.example.com/";
      SKYPANEL_REGISTRY_ADDRESS = "10.0.0.1:9001";
    }
  )
  (check "upstream caches, as the platform reads them"
    (builtins.fromJSON (machine [
      samples.platform
      { services.skypanel.platform.upstreamCaches = [ { inherit (upstream) url publicKeys; } ]; }
    ]).services.skypanel.platform.settings.SKYPANEL_UPSTREAM_CACHES
    )
    [ upstream ]
  )
  (check "the registry is where the platform is, unless it is said"
    (map registryOf [
      "https://panel.example.com"
      "http://panel.example.com"
      "http://10.0.0.1:9000"
      "http://[2001:db8::1]"
      "http://[2001:db8::1]:9000"
    ])
    [
      "panel.example.com:443"
      "panel.example.com:80"
      "10.0.0.1:9000"
      "[2001:db8::1]:80"
      "[2001:db8::1]:9000"
    ]
  )
  (check "its user" local.users.users.skypanel.isSystemUser true)
  (check "it starts with the machine, runs without end, and keeps its folder to itself"
    {
      inherit (unit) wantedBy startLimitIntervalSec;
      inherit (unit.serviceConfig) Restart StateDirectory StateDirectoryMode;
    }
    {
      wantedBy = [ "multi-user.target" ];
      startLimitIntervalSec = 0;
      Restart = "always";
      StateDirectory = "skypanel-platform";
      StateDirectoryMode = "0700";
    }
  )
]
