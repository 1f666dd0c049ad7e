# `nix develop`: everything that the set-up of `npm run dev:all` and the tests would install on Debian.
{ pkgs }:
{
  default = pkgs.mkShell {
    packages = with pkgs; [
      nodejs_24
      git
      git-lfs
      nix
      openssh

      # What development starts where none is running.
      docker
      haproxy
      postgresql

      # What the agent and the tests call.
      bubblewrap
      e2fsprogs
      iproute2
      iptables
      nftables
      procps
      util-linux
      curl
      skopeo
      socat
      xz
      zstd

      # Browser tests and benchmarks.
      chromium
      wrk

      # What runs customers' services further apart, and what the tests put into images.
      gvisor
      busybox

      # A fresh Debian server, and what reads the script that makes it a worker.
      debootstrap
      systemd
      shellcheck
    ];
  };
}
