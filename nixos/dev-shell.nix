# `nix develop`: everything that the set-up of `npm run dev:all` and the tests would install on Debian.
{ pkgs }:
{
  default = pkgs.mkShell {
    packages = with pkgs; [
      nodejs_24
      git
      nix

      # What development starts where none is running.
      docker
      haproxy
      postgresql

      # What the agent and the tests call.
      iproute2
      iptables
      nftables
      procps
      util-linux
      curl
      skopeo
      zstd

      # Browser tests and benchmarks.
      chromium
      wrk

      # A fresh Debian server, and what reads the script that makes it a worker.
      debootstrap
      systemd
      shellcheck
    ];
  };
}
