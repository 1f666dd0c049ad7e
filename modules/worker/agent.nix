# The agent's unit, and the command of the same name.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.skypanel.worker;
  agent = cfg.package.override { inherit (cfg) runtime; };
  builds = lib.elem "builder" cfg.roles;
  settings = import ../shared/settings.nix { inherit lib; } cfg.settings;

  # NixOS mounts the store read-only. Evaluations write derivations to it and have not the right to change a mount, so
  # that it is changed for the agent and what it starts; other mounts go on to be shared with the machine.
  withWritableStore = pkgs.writeShellScript "skypanel-agent-with-writable-store" ''
    mount -o remount,bind,rw /nix/store || exit 1
    exec ${lib.getExe agent} "$@"
  '';
  start =
    if builds then
      "${lib.getExe' pkgs.util-linux "unshare"} --mount --propagation unchanged -- ${withWritableStore}"
    else
      lib.getExe agent;

  # `skypanel-agent …` on the machine is the agent with the service's own settings.
  command = pkgs.writeShellScriptBin "skypanel-agent" ''
    ${lib.concatStringsSep "\n" (
      lib.mapAttrsToList (name: value: "export ${name}=${lib.escapeShellArg value}") settings
    )}
    exec ${lib.getExe agent} "$@"
  '';
in
{
  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ command ];

    systemd.services.skypanel-agent = {
      description = "SkyPanel's agent: ${lib.concatStringsSep ", " cfg.roles}";
      wantedBy = [ "multi-user.target" ];
      wants = [ "network-online.target" ];
      # Not `requires`: an agent whose engine is down says so to the platform.
      after = [
        "network-online.target"
        "docker.service"
      ];
      path = lib.optionals builds [
        config.nix.package
        pkgs.util-linux
      ];
      environment =
        # A percent sign begins one of systemd's own words.
        lib.mapAttrs (_: lib.replaceStrings [ "%" ] [ "%%" ]) settings
        // {
          HOME = settings.SKYPANEL_DATA;
        }
        // lib.optionalAttrs (cfg.tokenFile != null) { SKYPANEL_TOKEN_FILE = "%d/token"; };
      # It gives up only when it is stopped: without an answer of the platform, what runs here goes on.
      startLimitIntervalSec = 0;
      serviceConfig = import ./privileges.nix { inherit lib; inherit (cfg) roles; } // {
        Type = "simple";
        ExecStart = start;
        Restart = "always";
        RestartSec = 2;
        # The proxy outlives the agent: visitors notice nothing of a restart or an upgrade.
        KillMode = "process";
        TimeoutStopSec = 15;
        StateDirectory = "skypanel";
        # With remapped users, a container's root passes through it to its volume.
        StateDirectoryMode = if cfg.userNamespaceRemap then "0711" else "0700";
      }
      // lib.optionalAttrs (cfg.tokenFile != null) {
        LoadCredential = [ "token:${cfg.tokenFile}" ];
        # What is loaded when there is no such file any more: a worker that has its identity starts without a token. An
        # empty line, as systemd takes nothing that is empty.
        SetCredential = [ "token:\\n" ];
      };
    };
  };
}
