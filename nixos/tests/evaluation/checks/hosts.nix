# The whole machines of nixos/hosts.
{
  lib,
  machine,
  check,
  ...
}:
let
  folder = ../../../hosts;
  names = map (lib.removeSuffix ".nix") (
    lib.filter (name: lib.hasSuffix ".nix" name && name != "default.nix") (lib.attrNames (builtins.readDir folder))
  );
  hosts = lib.genAttrs names (name: machine [ (folder + "/${name}.nix") ]);
  unitsOf = host: lib.attrNames host.systemd.services;
in
[
  (check "the hosts" names [
    "all-in-one"
    "control-plane"
    "worker"
  ])
  (check "none of them is refused or warned of" (lib.concatMap (host: host.refused ++ host.warnings) (lib.attrValues hosts)) [ ])
  (check "what runs on them" (lib.mapAttrs (_: unitsOf) hosts) {
    all-in-one = [
      "skypanel-agent"
      "skypanel-firewall"
      "skypanel-leftovers"
      "skypanel-platform"
    ];
    control-plane = [ "skypanel-platform" ];
    worker = [
      "skypanel-agent"
      "skypanel-firewall"
      "skypanel-leftovers"
    ];
  })
  (check "who reaches them" (lib.mapAttrs (_: host: host.networking.firewall.allowedTCPPorts) hosts) {
    all-in-one = [
      80
      8443
    ];
    control-plane = [
      80
      443
    ];
    worker = [ 80 ];
  })
]
