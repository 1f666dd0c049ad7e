# The options of NixOS that our modules and hosts set, by NixOS' names and with its defaults where somebody reads them.
# Loosely typed: what is checked here is ours. An option that is not here is an error, as it would be in NixOS.
{ lib, ... }:
let
  inherit (lib) mkOption types;
  anything = default: mkOption { type = types.anything; inherit default; };
  on = anything false;
  bool = default: mkOption { type = types.bool; inherit default; };
  strings = mkOption {
    type = types.listOf types.str;
    default = [ ];
  };
  ports = mkOption {
    type = types.listOf types.port;
    default = [ ];
  };
  lines = mkOption {
    type = types.lines;
    default = "";
  };
  text = default: mkOption { type = types.nullOr types.str; inherit default; };
  packages = mkOption {
    type = types.listOf types.package;
    default = [ ];
  };
  # What NixOS writes to a file as JSON or the like: definitions are merged, and two that differ are refused.
  settings = mkOption {
    type = types.submodule { freeformType = types.attrsOf types.anything; };
    default = { };
  };
  free = mkOption {
    type = types.attrsOf types.anything;
    default = { };
  };

  unit = types.submodule {
    options = {
      enable = bool true;
      description = text "";
      documentation = strings;
      wantedBy = strings;
      requires = strings;
      wants = strings;
      after = strings;
      before = strings;
      path = mkOption {
        type = types.listOf types.anything;
        default = [ ];
      };
      environment = mkOption {
        type = types.attrsOf (types.nullOr (types.oneOf [ types.str types.path types.package ]));
        default = { };
      };
      script = lines;
      preStop = lines;
      serviceConfig = free;
      unitConfig = free;
      restartIfChanged = bool true;
      startLimitIntervalSec = mkOption {
        type = types.nullOr types.int;
        default = null;
      };
    };
  };

  user = types.submodule {
    options = {
      isSystemUser = bool false;
      group = text "";
      description = text "";
      subUidRanges = anything [ ];
      subGidRanges = anything [ ];
    };
  };
in
{
  options = {
    assertions = mkOption {
      type = types.listOf types.unspecified;
      default = [ ];
    };
    warnings = strings;

    boot.kernelModules = strings;
    boot.kernel.sysctl = free;
    boot.loader = free;
    environment.systemPackages = packages;
    fileSystems = free;
    nixpkgs.hostPlatform = text null;
    system.stateVersion = text null;

    networking.hostName = text "nixos";
    networking.firewall = {
      enable = bool true;
      allowedTCPPorts = ports;
      trustedInterfaces = strings;
      extraCommands = lines;
      extraInputRules = lines;
    };
    networking.nftables = {
      enable = bool false;
      flushRuleset = bool false;
    };

    nix.package = mkOption { type = types.package; };
    nix.settings = settings;

    security.acme = free;
    services.nginx = free;
    services.openssh = free;
    services.postgresql = {
      enable = on;
      ensureDatabases = strings;
      ensureUsers = anything [ ];
    };

    systemd.services = mkOption {
      type = types.attrsOf unit;
      default = { };
    };
    users.users = mkOption {
      type = types.attrsOf user;
      default = { };
    };
    users.groups = free;

    virtualisation.docker = {
      enable = bool false;
      enableOnBoot = bool true;
      logDriver = text "journald";
      daemon.settings = settings;
    };
  };
}
