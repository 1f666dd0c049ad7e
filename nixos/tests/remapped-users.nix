# A worker whose containers' root is an unprivileged user of the machine: a service is deployed there, and answers.
{ pkgs, ... }:
let
  inherit (import ./parts/fleet.nix { inherit pkgs; })
    addresses
    control
    worker
    script
    ;
in
{
  name = "skypanel-remapped-users";

  nodes = {
    inherit control;
    one = worker addresses.one { userNamespaceRemap = true; };
  };

  testScript = script + ''
    add(one, ["services", "ingress"])
    wait_for_state("one", "active")
    deploy()
    retry(lambda _: answers("${addresses.one}"))
    process = one.succeed("docker inspect --format '{{.State.Pid}}' $(docker ps --quiet)").strip()
    assert int(one.succeed(f"stat --format %u /proc/{process}")) >= 1000000
  '';
}
