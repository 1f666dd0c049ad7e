# The machines that tests of a fleet are made of, and what their scripts say to the platform.
{ pkgs }:
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

  # Builds reach no network here: everything that the template's service is made of is there already.
  service = import ../../../templates/static { inherit pkgs; };
in
{
  inherit addresses;

  # The platform, its database, and a builder.
  control =
    { pkgs, ... }:
    {
      imports = [
        ../../../modules/platform
        ../../../modules/worker
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
      environment.systemPackages = [ pkgs.curl ];
      # Secrets in the store: only a test may do that.
      systemd.tmpfiles.rules = [
        "f /var/lib/secret 0400 root root - ${lib.fixedWidthString 64 "0" ""}"
        "f /var/lib/password 0400 root root - ${password}"
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

  # A worker that runs services and takes visitors. `more` are further options of its module.
  worker = address: more: {
    imports = [
      ../../../modules/worker
      { services.skypanel.worker = more; }
    ];
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

  # Python: words for what an administrator does; it ends with the administrator signed in.
  script = ''
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

    def deploy():
        api(
            "POST",
            f"/organizations/{organization}/services",
            {"name": "hello", "source": {"_tag": "template", "template": "static"}},
        )

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

    with subtest("a builder is added"):
        add(control, ["builder"])
        wait_for_state("control", "active")
  '';
}
