# The worker's Docker Engine: what runs containers, and as whom.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.skypanel.worker;
  # The user that the engine takes names of subordinate ids by. Nobody signs in as it, and nothing runs as it.
  remapped = "skypanel-remap";
in
{
  imports = [ ../shared/engine.nix ];

  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      {
        services.skypanel.engine = {
          enable = true;
          inherit (cfg) peers openFirewall;
        };
        virtualisation.docker.daemon.settings = lib.mkIf (cfg.insecureRegistries != [ ]) {
          insecure-registries = cfg.insecureRegistries;
        };
        # Volumes are file systems in files.
        boot.kernelModules = lib.optional (lib.elem "services" cfg.roles) "loop";
      }

      (lib.mkIf (cfg.containerRuntime == "runsc") {
        # The default: a Swarm service cannot say what runs it.
        virtualisation.docker.daemon.settings = {
          default-runtime = "runsc";
          runtimes.runsc = {
            path = lib.getExe' pkgs.gvisor "runsc";
            # With a network stack of its own it does not reach the engine's name server: no service would find another.
            runtimeArgs = lib.mkDefault [ "--network=host" ];
          };
        };
      })

      (lib.mkIf cfg.userNamespaceRemap {
        virtualisation.docker.daemon.settings.userns-remap = remapped;
        users.groups.${remapped} = { };
        users.users.${remapped} = {
          isSystemUser = true;
          group = remapped;
          description = "Root in SkyPanel's containers";
          subUidRanges = [
            {
              startUid = 1000000;
              count = 65536;
            }
          ];
          subGidRanges = [
            {
              startGid = 1000000;
              count = 65536;
            }
          ];
        };
      })
    ]
  );
}
