# `skypanel-agent`: without arguments the agent, which a unit runs; with arguments what a person asks of it, such as
# `skypanel-agent status`.
{
  pkgs,
  npmRegistry,
}:
let
  inherit (pkgs) lib;
  bundle = import ./agent-bundle.nix { inherit pkgs npmRegistry; };
  permissions = lib.importJSON ../../agent/permissions.json;

  # What it starts, and what builds are made with.
  programs = with pkgs; [
    haproxy
    iptables
    iproute2
    util-linux
    e2fsprogs
    coreutils
    nix
    gitMinimal
    gnutar
    openssh
    bubblewrap
    socat
    # What /bin/sh is on NixOS: ssh starts it.
    bashInteractive
  ]
  # What builds Dockerfiles, and what fetches files in Git LFS. The embedded package set has neither.
  ++ lib.optional (pkgs ? docker) pkgs.docker
  ++ lib.optional (pkgs ? git-lfs) pkgs.git-lfs;
  # What a build's fetch may see of the store: it is not to see what was built for others.
  closure = pkgs.writeClosure (programs ++ [ pkgs.cacert ]);

  # What a builder takes from the disk: templates, the package set that stands in for nixpkgs, and which nixpkgs it is.
  share = import ./source.nix {
    inherit lib;
    folders = [
      "templates"
      "nixos/embedded"
    ];
    files = [ "flake.lock" ];
  };

  # Nothing but the file is read: no configuration, no other module, no question to a terminal.
  alone = "--no-prompt --no-config --no-lock --no-remote --no-npm";
  granted =
    flags:
    lib.concatMapStringsSep " " (
      flag: ''"${lib.replaceStrings [ "<data>" "<docker>" ] [ "$SKYPANEL_DATA" "$SKYPANEL_DOCKER_SOCKET" ] flag}"''
    ) flags;
  deno = lib.getExe pkgs.deno;
  node = lib.getExe (pkgs.nodejs-slim_24 or pkgs.nodejs_24);

  start = {
    deno = ''
      if [ "$#" -gt 0 ]; then exec ${deno} run ${alone} --allow-all ${bundle}/launcher.mjs "$@"; fi
      case ,''${SKYPANEL_WORKER_ROLES:-services}, in
      *,builder,*) set -- ${granted permissions.builder} ;;
      # systemd puts the token where only the unit reads it.
      *) set -- ${granted permissions.services} ''${CREDENTIALS_DIRECTORY:+"--allow-read=$CREDENTIALS_DIRECTORY"} ;;
      esac
      exec ${deno} run ${alone} "$@" ${bundle}/agent.mjs
    '';
    node = ''
      if [ "$#" -gt 0 ]; then exec ${node} ${bundle}/launcher.mjs "$@"; fi
      exec ${node} ${bundle}/agent.mjs
    '';
  };

  package =
    {
      # `deno` or `node`.
      runtime ? "deno",
    }:
    pkgs.symlinkJoin {
      name = "skypanel-agent-${(lib.importJSON ../../package.json).version}";
      paths = [
        (pkgs.writeShellScriptBin "skypanel-agent" ''
          set -eu
          : "''${SKYPANEL_DATA:=/var/lib/skypanel}" "''${SKYPANEL_DOCKER_SOCKET:=/run/docker.sock}"
          # What the machine itself has of these comes first: a builder uses its own Nix.
          PATH=''${PATH:+$PATH:}${lib.makeBinPath programs}
          # Whom the machine trusts, an organization's own authority among them.
          for authorities in /etc/ssl/certs/ca-certificates.crt ${pkgs.cacert}/etc/ssl/certs/ca-bundle.crt; do
            ! [ -e "$authorities" ] || : "''${NIX_SSL_CERT_FILE:=$authorities}"
          done
          SKYPANEL_PROGRAMS=${closure}
          SKYPANEL_AGENT_SHA256=$(cat ${bundle}/agent.sha256)
          export PATH NIX_SSL_CERT_FILE SKYPANEL_DATA SKYPANEL_DOCKER_SOCKET SKYPANEL_PROGRAMS SKYPANEL_AGENT_SHA256
          ${start.${runtime}}
        '')
        (pkgs.runCommand "skypanel-agent-share" { } ''
          mkdir -p $out/share
          ln -s ${share} $out/share/skypanel
        '')
      ];
      passthru = { inherit bundle programs runtime; };
      meta = {
        description = "SkyPanel's agent: what a worker does for its platform";
        mainProgram = "skypanel-agent";
        license = lib.licenses.agpl3Only;
        platforms = lib.platforms.linux;
      };
    };
in
lib.makeOverridable package { }
