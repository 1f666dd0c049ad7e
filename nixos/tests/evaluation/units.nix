# Every unit of ours, for every set of roles: { "<roles>/<unit>" = …; }
{ lib }:
let
  nixpkgsLib = import (/. + lib);
  pkgs = import ./packages.nix { lib = nixpkgsLib; };
  machine = import ./machine.nix {
    inherit pkgs;
    lib = nixpkgsLib;
  };
  samples = import ./samples.nix;
  withRoles =
    roles:
    machine [
      samples.worker
      {
        services.skypanel.worker = {
          inherit roles;
          builder.npmRegistry = "https://npm.example.com/";
        };
      }
    ];
  machines = {
    services = withRoles [ "services" ];
    ingress = withRoles [ "ingress" ];
    builder = withRoles [ "builder" ];
    all = withRoles [
      "services"
      "ingress"
      "builder"
    ];
    platform = machine [ samples.platform ];
  };
  unitsOf =
    name: machine:
    nixpkgsLib.mapAttrs' (unit: value: nixpkgsLib.nameValuePair "${name}/${unit}" value) machine.systemd.services;
in
nixpkgsLib.concatMapAttrs unitsOf machines
