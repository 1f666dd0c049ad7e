# A fleet as an administrator sees it grow and shrink: a control plane that builds, two workers that are added, a service
# that is deployed, a worker that loses power, and one that is drained. Nothing is reached but these three machines. With
# the builder the fleet has three workers: when one of them is silent, the brake does not hold.
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
  name = "skypanel-fleet";

  nodes = {
    inherit control;
    one = worker addresses.one { };
    two = worker addresses.two { };
  };

  testScript = script + ''
    with subtest("workers are added, and are active by themselves"):
        for machine in (one, two):
            add(machine, ["services", "ingress"])
        for name in ("one", "two"):
            wait_for_state(name, "active")
        for machine in (one, two):
            assert "SKYPANEL-INPUT" in machine.succeed("iptables -t mangle -S INPUT")
            machine.succeed("skypanel-agent version | grep '+'")
            machine.succeed("skypanel-agent status")

    with subtest("the Swarm's ports are for the fleet's machines"):
        for address in ("${addresses.control}", "${addresses.one}", "${addresses.two}"):
            retry(lambda _: f"-s {address}/32 -j RETURN" in one.succeed("iptables -t mangle -S SKYPANEL-CLUSTER"))

    with subtest("a service is deployed, and answers at both workers"):
        deploy()
        retry(lambda _: answers("${addresses.one}") and answers("${addresses.two}"))

    with subtest("an agent that is restarted restarts no container"):
        before = one.succeed("docker ps --quiet --no-trunc")
        one.succeed("systemctl restart skypanel-agent.service")
        wait_for_state("one", "active")
        assert one.succeed("docker ps --quiet --no-trunc") == before

    with subtest("a worker loses power: its service answers at the other one"):
        dead, alive = (one, two) if instances("one") > 0 else (two, one)
        address = "${addresses.two}" if alive == two else "${addresses.one}"
        dead.crash()
        wait_for_state(dead.name, "suspect", "unhealthy")
        retry(lambda _: answers(address))

    with subtest("it comes back, and is active again by itself"):
        dead.start()
        dead.wait_for_unit("docker.service")
        dead.succeed("systemctl is-active skypanel-firewall.service")
        wait_for_state(dead.name, "active")

    with subtest("a worker is drained while visitors ask: none is refused"):
        control.succeed(
            "systemd-run --unit=visitor sh -c 'while sleep 0.1; do curl --silent --fail --max-time 5 --output /dev/null "
            f"--header \"Host: hello-{organization}.apps.test\" http://{address}/ || echo refused; done'"
        )
        api("POST", f"/workers/{alive.name}/drain", {})
        wait_for_state(alive.name, "drained")
        assert instances(alive.name) == 0
        control.succeed("systemctl stop visitor.service")
        control.fail("journalctl --unit visitor.service --output cat | grep refused")

    with subtest("undrained, it takes services again"):
        api("POST", f"/workers/{alive.name}/undrain")
        wait_for_state(alive.name, "active")
  '';
}
