# The agent's unit: how it is started, and what it is told.
{
  lib,
  machine,
  samples,
  check,
  ...
}:
let
  worker = machine [ samples.worker ];
  unit = worker.systemd.services.skypanel-agent;
  service = unit.serviceConfig;
  builder = (machine [ samples.builder ]).systemd.services.skypanel-agent;
  full = machine [
    samples.worker
    {
      services.skypanel.worker = {
        platformKey = lib.fixedWidthString 43 "A" "";
        name = "fra-3";
        roles = [
          "builder"
          "services"
          "builder"
        ];
        limits = {
          cpu = 6;
          memory = "12GiB";
        };
        endpoint = {
          bind = "192.0.2.7";
          port = 8000;
          address = "192.0.2.7:8000";
        };
        firewall = "off";
        builder = {
          npmRegistry = "https://npm.example.com/a%20b";
          concurrency = 4;
        };
        settings.SKYPANEL_WORKER_NAME = "from-settings";
      };
    }
  ];
in
[
  (check "nothing of a worker is there unless it is enabled" (machine [ { } ]).systemd.services { })
  (check "the agent starts with the machine and runs without end" {
    inherit (unit) wantedBy startLimitIntervalSec;
    inherit (service) Type Restart KillMode;
  } {
    wantedBy = [ "multi-user.target" ];
    startLimitIntervalSec = 0;
    Type = "simple";
    Restart = "always";
    KillMode = "process";
  })
  (check "it starts after the engine, and does not end with it"
    {
      afterEngine = lib.elem "docker.service" unit.after;
      inherit (unit) requires;
    }
    {
      afterEngine = true;
      requires = [ ];
    }
  )
  (check "it is run by Deno unless Node.js is asked for; how is the package's business"
    (map
      (
        more:
        builtins.match "/nix/store/0+-(.*)" (machine [
          samples.worker
          { services.skypanel.worker = more; }
        ]).systemd.services.skypanel-agent.serviceConfig.ExecStart
      )
      [
        { }
        { runtime = "node"; }
      ]
    )
    [
      [ "skypanel-agent-deno/bin/skypanel-agent" ]
      [ "skypanel-agent-node/bin/skypanel-agent" ]
    ]
  )
  (check "the token comes as a credential, and may be gone when it was used"
    { inherit (service) LoadCredential SetCredential; }
    {
      LoadCredential = [ "token:/var/lib/secrets/token" ];
      SetCredential = [ "token:\\n" ];
    }
  )
  (check "a worker that has its identity needs no token"
    { inherit (builder.serviceConfig) StateDirectory; hasToken = builder.serviceConfig ? LoadCredential; }
    {
      StateDirectory = "skypanel";
      hasToken = false;
    }
  )
  (check "the least environment" unit.environment {
    HOME = "/var/lib/skypanel";
    SKYPANEL_CONTROL_PLANE = "https://panel.example.com";
    SKYPANEL_DATA = "/var/lib/skypanel";
    SKYPANEL_DOCKER_SOCKET = "/run/docker.sock";
    SKYPANEL_ENDPOINT_BIND = "0.0.0.0";
    SKYPANEL_ENDPOINT_PORT = "80";
    SKYPANEL_FIREWALL = "auto";
    SKYPANEL_ORIGIN = "nixos";
    SKYPANEL_TOKEN_FILE = "%d/token";
    SKYPANEL_WORKER_ROLES = "services,ingress";
  })
  (check "the whole environment; settings win; percent signs are systemd's" full.systemd.services.skypanel-agent.environment {
    HOME = "/var/lib/skypanel";
    SKYPANEL_BUILDS = "4";
    SKYPANEL_CONTROL_PLANE = "https://panel.example.com";
    SKYPANEL_DATA = "/var/lib/skypanel";
    SKYPANEL_DOCKER_SOCKET = "/run/docker.sock";
    SKYPANEL_EMBEDDED = "/nix/store/${lib.fixedWidthString 32 "0" ""}-skypanel-agent/share/skypanel/nixos/embedded";
    SKYPANEL_ENDPOINT_ADDRESS = "192.0.2.7:8000";
    SKYPANEL_ENDPOINT_BIND = "192.0.2.7";
    SKYPANEL_ENDPOINT_PORT = "8000";
    SKYPANEL_FIREWALL = "off";
    SKYPANEL_LIMIT_CPU = "6";
    SKYPANEL_LIMIT_MEMORY = "12884901888";
    SKYPANEL_NIXPKGS = "auto";
    SKYPANEL_NPM_REGISTRY = "https://npm.example.com/a%%20b";
    SKYPANEL_ORIGIN = "nixos";
    SKYPANEL_PLATFORM_KEY = lib.fixedWidthString 43 "A" "";
    SKYPANEL_TEMPLATES = "/nix/store/${lib.fixedWidthString 32 "0" ""}-skypanel-agent/share/skypanel/templates";
    SKYPANEL_TOKEN_FILE = "%d/token";
    SKYPANEL_WORKER_NAME = "from-settings";
    SKYPANEL_WORKER_ROLES = "builder,services";
  })
  (check "a builder's agent may write to the store that NixOS mounts read-only"
    {
      start = lib.hasInfix "unshare --mount --propagation unchanged -- " builder.serviceConfig.ExecStart;
      others = lib.hasInfix "unshare" service.ExecStart;
    }
    {
      start = true;
      others = false;
    }
  )
  (check "`skypanel-agent` is a command of the machine, with the service's settings and not its token"
    (map (
      command: {
        inherit (command) name;
        knows = lib.hasInfix "export SKYPANEL_WORKER_ROLES=services,ingress\n" command.content;
        token = lib.hasInfix "TOKEN" command.content;
      }
    ) worker.environment.systemPackages)
    [
      {
        name = "skypanel-agent";
        knows = true;
        token = false;
      }
    ]
  )
  (check "its folder is its own; with remapped users, containers' root passes through it"
    (map (config: config.systemd.services.skypanel-agent.serviceConfig.StateDirectoryMode) [
      worker
      (machine [
        samples.worker
        { services.skypanel.worker.userNamespaceRemap = true; }
      ])
    ])
    [
      "0700"
      "0711"
    ]
  )
]
