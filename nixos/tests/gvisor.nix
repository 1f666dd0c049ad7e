# A worker whose containers run on gVisor: a service is deployed there, and answers.
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
  name = "skypanel-gvisor";

  nodes = {
    inherit control;
    one = worker addresses.one { containerRuntime = "runsc"; };
  };

  testScript = script + ''
    add(one, ["services", "ingress"])
    wait_for_state("one", "active")
    deploy()
    retry(lambda _: answers("${addresses.one}"))
    container = one.succeed("docker ps --quiet").strip()
    assert one.succeed(f"docker inspect --format '{{{{.HostConfig.Runtime}}}}' {container}").strip() == "runsc"
    one.succeed("pgrep runsc-sandbox")
  '';
}
