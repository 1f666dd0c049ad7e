# A fleet as an administrator sees it grow and shrink: a control plane that builds, two workers that are added, a service
# that is deployed, a worker that loses power, and one that is drained. Nothing is reached but these three machines. With
# the builder the fleet has three workers: when one of them is silent, the brake does not hold.
{ pkgs, ... }:
let
  inherit (pkgs) lib;
  password = "a long test password";
  addresses = {
    control = "192.168.1.1";
    one = "192.168.1.2";
    two = "192.168.1.3";
  };
  peers = lib.attrValues addresses;
  platformUrl = "http://${addresses.control}:8080";

  # What the builder needs to build the template with no network: everything that its service is made of.
  service = import ../../templates/static { inherit pkgs; };

  worker = address: {
    imports = [ ../../modules/worker ];
    virtualisation = {
      memorySize = 2048;
      diskSize = 4096;
    };
    services.skypanel.worker = {
      enable = true;
      controlPlane = platformUrl;
      tokenFile = "/var/lib/skypanel-token";
      endpoint.address = "${address}:80";
      insecureRegistries = [ "${addresses.control}:8080" ];
      inherit peers;
    };
  };
in
{
  name = "skypanel-fleet";

  nodes = {
    control =
      { pkgs, ... }:
      {
        imports = [
          ../../modules/platform
          ../../modules/worker
        ];
        virtualisation = {
          memorySize = 4096;
          diskSize = 8192;
          writableStore = true;
          additionalPaths = [
            service
            service.inputDerivation
            pkgs.path
          ];
        };
        environment.systemPackages = [
          pkgs.curl
          pkgs.jq
        ];
        # Secrets in the store: only a test may do that.
        systemd.tmpfiles.rules = [
          "f /var/lib/secret 0400 root root - ${lib.fixedWidthString 64 "0" ""}"
          "f /var/lib/password 0400 root root - ${lib.escape [ " " ] password}"
        ];
        services.skypanel.platform = {
          enable = true;
          publicUrl = platformUrl;
          host = "0.0.0.0";
          endpoint.domain = "apps.test";
          swarm.address = addresses.control;
          secretFile = "/var/lib/secret";
          administrator = {
            email = "administrator@example.com";
            passwordFile = "/var/lib/password";
          };
          inherit peers;
        };
        services.skypanel.worker = {
          enable = true;
          controlPlane = platformUrl;
          tokenFile = "/var/lib/skypanel-token";
          roles = [ "builder" ];
          endpoint.address = "${addresses.control}:80";
          builder = {
            nixpkgs = "path:${pkgs.path}";
            npmRegistry = "http://127.0.0.1:1/";
          };
          inherit peers;
        };
      };
    one = worker addresses.one;
    two = worker addresses.two;
  };

  testScript = ''
    import json
    import shlex

    def api(method, path, body=None):
        data = "" if body is None else f"--data {shlex.quote(json.dumps(body))}"
        answer = control.succeed(
            f"curl --silent --show-error --fail-with-body --request {method} "
            f"--header 'Content-Type: application/json' --header 'Authorization: Bearer {token}' {data} "
            f"${platformUrl}/api/v1{path}"
        )
        return json.loads(answer) if answer else None

    def add(machine, roles):
        installation = api("POST", "/installations", {"roles": roles, "name": machine.name})
        machine.succeed(f"umask 077; echo {installation['token']} > /var/lib/skypanel-token")
        machine.succeed("systemctl restart skypanel-agent.service")

    def state(name):
        return next(w["state"] for w in api("GET", "/workers") if w["name"] == name)

    def wait_for_state(name, *states):
        retry(lambda _: state(name) in states)

    def instances(name):
        return len(api("GET", f"/workers/{name}/instances"))

    # As a visitor asks: by the host name, at one worker's proxy.
    def answers(address):
        status = control.execute(
            f"curl --silent --fail --max-time 5 --header 'Host: hello-{organization}.apps.test' http://{address}/"
        )[0]
        return status == 0

    start_all()
    control.wait_for_unit("skypanel-platform.service")
    control.wait_for_open_port(8080)

    with subtest("the administrator signs in"):
        session = control.succeed(
            "curl --silent --show-error --fail-with-body --header 'Content-Type: application/json' "
            "--header 'Origin: ${platformUrl}' --data "
            + shlex.quote(json.dumps({"email": "administrator@example.com", "password": "${password}"}))
            + " ${platformUrl}/api/auth/sign-in/email"
        )
        token = json.loads(session)["token"]
        organization = api("GET", "/session")["organizations"][0]["slug"]

    with subtest("workers are added, and are active by themselves"):
        add(control, ["builder"])
        for machine in (one, two):
            add(machine, ["services", "ingress"])
        for name in ("control", "one", "two"):
            wait_for_state(name, "active")
        for machine in (one, two):
            assert "SKYPANEL-INPUT" in machine.succeed("iptables -S INPUT")

    with subtest("a service is deployed, and answers at both workers"):
        api(
            "POST",
            f"/organizations/{organization}/services",
            {"name": "hello", "source": {"_tag": "template", "template": "static"}},
        )
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
