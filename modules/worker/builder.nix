# What Nix on a builder is set to. What decides about a single build is decided by the agent, whatever stands here.
{
  config,
  lib,
  ...
}:
let
  cfg = config.services.skypanel.worker;
  # Older ones have holes that a hostile build can use.
  nixForProduction = "2.34.7";
  nix = config.nix.package.version;
  GiB = 1073741824;
in
{
  config = lib.mkIf (cfg.enable && lib.elem "builder" cfg.roles) {
    nix.settings = {
      sandbox = true;
      sandbox-fallback = false;
      experimental-features = [
        "nix-command"
        "flakes"
      ];
      # Builds come and go: what nothing refers to makes place before the disk is full.
      min-free = lib.mkDefault (8 * GiB);
      max-free = lib.mkDefault (32 * GiB);
      # A machine with virtual machines' devices does not lend them to builds.
      system-features = lib.mkDefault [
        "benchmark"
        "big-parallel"
      ];
    };

    warnings = lib.optional (lib.versionOlder nix nixForProduction) ''
      services.skypanel.worker builds customers' sources with Nix ${nix}. Builds of strangers need ${nixForProduction} or
      newer: set nix.package, or give this machine other roles.
    '';
  };
}
