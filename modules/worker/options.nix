{
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkOption types literalExpression;
  ours = import ../shared/types.nix { inherit lib; };
  inherit (import ../shared/secrets.nix { inherit lib; }) mkSecretFile;
in
{
  options.services.skypanel.worker = {
    enable = mkOption {
      type = types.bool;
      default = false;
      description = ''
        Whether this machine is a worker of a SkyPanel fleet: its agent reports to the platform what it observes, and
        carries out what the platform wants of it. Labels and region of a worker are set where it is added, on the
        platform.
      '';
    };

    package = mkOption {
      type = types.package;
      default = (import ../../nixos/packages { inherit pkgs; }).agent;
      defaultText = literalExpression "skypanel.packages.\${system}.agent, made with this machine's own nixpkgs";
      description = "The agent. What runs it is chosen by `runtime`, which the package takes through `override`.";
    };

    controlPlane = mkOption {
      type = ours.origin;
      example = "https://panel.example.com";
      description = ''
        Where this machine reaches the platform. The agent dials out and keeps one connection open; nothing has to reach
        the worker for that, so it may stand behind NAT.
      '';
    };

    tokenFile = mkSecretFile {
      example = "/var/lib/secrets/skypanel-token";
      description = ''
        File with the token of an installation, which the platform shows once when a worker is added. The agent trades it
        for an identity of its own at the first start; it works once, for an hour, and is of no use afterwards. May be
        deleted then, and may be null for a worker that has its identity.
      '';
    };

    platformKey = mkOption {
      type = types.nullOr ours.platformKey;
      default = null;
      example = "0Y0vYuWEV1gb1Qb6Aw8fvKYl9oXGzPzJm1hPMF0bLvI";
      description = ''
        The platform's public key, as the page shows it when a worker is added: whoever answers with another key is not
        registered with. Null: the key that answers first is kept, and asked for ever after.
      '';
    };

    name = mkOption {
      type = types.nullOr ours.workerName;
      default = null;
      example = "fra-3";
      description = ''
        What the worker is called where its installation does not say. Null: the machine's host name. With a number behind
        it when another worker has it.
      '';
    };

    roles = mkOption {
      type = types.listOf ours.role;
      default = [
        "services"
        "ingress"
      ];
      example = [ "builder" ];
      description = ''
        What this machine is set up for; give the same at the installation.

        - `services`: it runs customers' containers
        - `builder`: it builds their sources, with Nix
        - `ingress`: its proxy takes visitors' requests for the services of the whole fleet; without it only for its own
      '';
    };

    limits = {
      cpu = mkOption {
        type = types.nullOr (types.addCheck types.number (cores: cores > 0));
        default = null;
        example = 6;
        description = "Cores that services may be promised at most. Null: all that the machine has.";
      };
      memory = mkOption {
        type = types.nullOr ours.memory;
        default = null;
        example = "12GiB";
        description = "Memory that services may be promised at most. Null: all that the machine has.";
      };
    };

    endpoint = {
      bind = mkOption {
        type = ours.address;
        default = "0.0.0.0";
        example = "192.0.2.7";
        description = ''
          The address that the worker's proxy listens on, for visitors and for the proxies of other workers. `127.0.0.1`
          where another proxy, for TLS say, stands in front of it on the same machine.
        '';
      };
      port = mkOption {
        type = types.port;
        default = 80;
        description = "The port that the worker's proxy listens on.";
      };
      address = mkOption {
        type = types.nullOr ours.hostPort;
        default = null;
        example = "192.0.2.7:80";
        description = ''
          Where platform and other workers reach the proxy. Null: at `port` of the address from which this machine reaches
          the platform.
        '';
      };
    };

    peers = mkOption {
      type = types.listOf ours.addressRange;
      default = [ ];
      example = [
        "192.0.2.0/24"
        "2001:db8:7::/64"
      ];
      description = ''
        Addresses of the fleet's other machines, the control plane's among them. Only they reach this machine's Swarm ports
        (7946/tcp, 7946/udp, 4789/udp) and, where it has not the role `ingress`, its proxy. Best a private network: what
        Swarm sends over 4789/udp is neither encrypted nor signed.
      '';
    };

    openFirewall = mkOption {
      type = types.bool;
      default = true;
      description = ''
        Whether the machine's firewall is opened: the Swarm's ports to `peers`, and the proxy's port to everybody (role
        `ingress`) or to `peers`. Turn it off only where another firewall does the same.
      '';
    };

    containerRuntime = mkOption {
      type = types.enum [
        "runc"
        "runsc"
      ];
      default = "runc";
      description = ''
        What runs containers. With `runsc` (gVisor) a customer's program talks to a kernel of its own in user space instead
        of this machine's; system calls are slower, and a few programs do not run.
      '';
    };

    userNamespaceRemap = mkOption {
      type = types.bool;
      default = false;
      description = ''
        Whether root in a container is an unprivileged user of this machine. Turning it on or off gives the engine an empty
        store of images and volumes: drain the worker first.
      '';
    };

    insecureRegistries = mkOption {
      type = types.listOf ours.hostPort;
      default = [ ];
      example = [ "10.0.0.1:8080" ];
      description = ''
        Registries from which images are pulled without TLS: the platform's, where it is reached over a network that nobody
        else is on. None by default.
      '';
    };

    runtime = mkOption {
      type = types.enum [
        "deno"
        "node"
      ];
      default = "deno";
      description = ''
        What runs the agent. Deno gives it just the permissions it needs: its own folder, the engine's socket, the programs
        that it starts. Node.js gives it all that the unit has.
      '';
    };

    firewall = mkOption {
      type = types.enum [
        "auto"
        "off"
      ];
      default = "auto";
      description = ''
        Whether the agent keeps the packet filter's rules that hold containers apart from this machine, its network and each
        other. `off` is for machines on which a single organization runs and something else does that.
      '';
    };

    builder = {
      nixpkgs = mkOption {
        type = types.str;
        default = "auto";
        example = "github:NixOS/nixpkgs/nixos-26.05";
        description = ''
          Where packages come from: `auto` (the nixpkgs that this release of SkyPanel pins), or a flake reference of another.
        '';
      };
      npmRegistry = mkOption {
        type = types.nullOr ours.url;
        default = null;
        example = "https://npm.example.com/";
        description = ''
          The npm registry that Node.js services are built from. Builds may reach it wherever it is. Needed for the role
          `builder`.
        '';
      };
      concurrency = mkOption {
        type = types.ints.between 1 64;
        default = 2;
        description = "How many builds run at a time.";
      };
    };

    settings = mkOption {
      type = ours.settings;
      default = { };
      example = {
        SKYPANEL_BUILDS = 4;
      };
      description = ''
        Environment variables of the agent (`agent/src/config.ts` lists them). The options above set theirs here by
        default; whatever is set here wins. Never secrets: this is readable in the store.
      '';
    };
  };
}
