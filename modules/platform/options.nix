{
  config,
  lib,
  pkgs,
  ...
}:
let
  isLoopback = import ../shared/loopback.nix { inherit lib; };
  inherit (lib) mkOption types literalExpression;
  ours = import ../shared/types.nix { inherit lib; };
  inherit (import ../shared/secrets.nix { inherit lib; }) mkSecretFile;
in
{
  options.services.skypanel.platform = {
    enable = mkOption {
      type = types.bool;
      default = false;
      description = "Whether this machine is the control plane of a SkyPanel fleet.";
    };

    package = mkOption {
      type = types.package;
      default = (import ../../nixos/packages { inherit pkgs; }).platform;
      defaultText = literalExpression "skypanel.packages.\${system}.platform, made with this machine's own nixpkgs";
      description = "The platform, with the page and with the agent that workers take from it.";
    };

    publicUrl = mkOption {
      type = ours.origin;
      example = "https://panel.example.com";
      description = ''
        Where people and workers reach the platform. It speaks http itself; TLS is the business of a proxy in front of it
        (docs/nixos.md has one for nginx).
      '';
    };

    host = mkOption {
      type = ours.address;
      default = "127.0.0.1";
      example = "0.0.0.0";
      description = "The address to listen on. The loopback address where a proxy for TLS stands in front.";
    };

    port = mkOption {
      type = types.port;
      default = 8080;
      description = "The port to listen on.";
    };

    behindProxy = mkOption {
      type = types.bool;
      default = isLoopback config.services.skypanel.platform.host;
      defaultText = literalExpression "whether `host` is a loopback address";
      description = ''
        Whether a proxy in front says where requests come from, in `X-Forwarded-For`. Where none does, anybody could claim to
        come from anywhere.
      '';
    };

    openFirewall = mkOption {
      type = types.bool;
      default = true;
      description = ''
        Whether the machine's firewall is opened: `port` to everybody unless `host` is a loopback address, and the Swarm's
        ports to `peers`. Turn it off only where another firewall does the same.
      '';
    };

    endpoint = {
      domain = mkOption {
        type = ours.domain;
        example = "apps.example.com";
        description = ''
          The domain below which services get their host names, `<service>-<organization>.<domain>`. A wildcard record of it
          leads to the workers with the role `ingress`.
        '';
      };
      port = mkOption {
        type = types.port;
        default = 80;
        description = "The port of those workers' proxies, as visitors reach it.";
      };
    };

    registryAddress = mkOption {
      type = types.nullOr ours.hostPort;
      default = null;
      example = "panel.example.com:443";
      description = ''
        Where the workers' engines reach the registry. Null: host and port of `publicUrl`. An engine asks for TLS there,
        unless the worker's `insecureRegistries` name it.
      '';
    };

    npmRegistry = mkOption {
      type = types.nullOr ours.url;
      default = null;
      example = "https://npm.example.com/";
      description = ''
        The npm registry that builders are told of when they are added by the installation script. Null: none.
      '';
    };

    upstreamCaches = mkOption {
      type = types.listOf (
        types.submodule {
          options = {
            url = mkOption {
              type = ours.url;
              example = "https://cache.nixos.org";
              description = "Where the cache is.";
            };
            publicKeys = mkOption {
              type = types.nonEmptyListOf ours.cacheKey;
              example = [ "cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=" ];
              description = "The keys that it signs with. What none of them has signed is not taken.";
            };
            priority = mkOption {
              type = types.int;
              default = 50;
              description = "Of several caches that have a path the one with the lowest is taken.";
            };
          };
        }
      );
      default = [ ];
      description = ''
        Public caches that the binary cache asks for what it does not have, and keeps what it gets from them. They learn the
        hash of every path that somebody asks the binary cache for and that is not there (docs/binary-cache.md).
      '';
    };

    artifacts.bucketUrlFile = mkSecretFile {
      example = "/var/lib/secrets/skypanel-bucket";
      description = ''
        File with the URL of a bucket of S3, or of what speaks like it, where artifacts lie instead of on this machine:
        `https://access:secret@s3.example.com/bucket/prefix?region=eu-central-1` (docs/artifacts.md).
      '';
    };

    secretFile = mkSecretFile {
      example = "/var/lib/secrets/skypanel-secret";
      description = ''
        File with what sessions, upload tokens and registry credentials are signed with: at least 32 characters, such as
        `openssl rand -hex 32` makes. With another one everybody signs in again, and builds that run now cannot upload.
      '';
    };

    administrator = {
      email = mkOption {
        type = ours.email;
        example = "you@example.com";
        description = "The administrator who is made when the database is empty.";
      };
      passwordFile = mkSecretFile {
        example = "/var/lib/secrets/skypanel-administrator";
        description = "File with that administrator's first password, of at least 12 characters. Change it on the page.";
      };
    };

    database = {
      createLocally = mkOption {
        type = types.bool;
        default = true;
        description = "Whether to run PostgreSQL on this machine, and reach it through its socket without a password.";
      };
      urlFile = mkSecretFile {
        example = "/var/lib/secrets/skypanel-database";
        description = ''
          File with the URL of a PostgreSQL elsewhere, `postgres://user:password@host:port/database`. The user owns the
          database and may create roles. Set `createLocally` to false with it.
        '';
      };
    };

    mail = {
      smtpUrlFile = mkSecretFile {
        example = "/var/lib/secrets/skypanel-smtp";
        description = ''
          File with the URL of the mail server, `smtps://user:password@host:port`. Null: notifications are on the page only.
        '';
      };
      from = mkOption {
        type = types.nullOr types.str;
        default = null;
        example = "SkyPanel <panel@example.com>";
        description = "Whom e-mail comes from.";
      };
    };

    swarm.address = mkOption {
      type = types.nullOr ours.address;
      default = null;
      example = "10.0.0.1";
      description = ''
        The address at which workers reach this machine's Docker Engine, the Swarm's manager. Best in a private network, and
        one that never changes. Null: there are no workers but this machine.
      '';
    };

    peers = mkOption {
      type = types.listOf ours.addressRange;
      default = [ ];
      example = [ "10.0.0.0/24" ];
      description = ''
        Addresses of the workers. Only they reach the Swarm's ports of this machine (2377/tcp, 7946/tcp, 7946/udp,
        4789/udp). Best a private network: what Swarm sends over 4789/udp is neither encrypted nor signed.
      '';
    };

    settings = mkOption {
      type = ours.settings;
      default = { };
      example = {
        SKYPANEL_HEALTH_DEADLINE_SECONDS = 120;
      };
      description = ''
        Environment variables of the platform (`platform/src/config.ts` lists them). The options above set theirs here by
        default; whatever is set here wins. Never secrets: this is readable in the store.
      '';
    };
  };
}
