// What SkyPanel needs from the system, once. `program` is what is looked for; `debian` is the package that has it.
// Everything else comes from npm. flake.nix's dev shell has the same list for Nix.

/**
 * @typedef {object} SystemPackage
 * @property {string} program a command, or a file when it starts with a slash
 * @property {string} debian
 * @property {string} why
 * @property {"run" | "test" | "bench"} for needed from this on: `test` needs those for `run` as well, `bench` all
 */

/** @type {ReadonlyArray<SystemPackage>} */
export const systemPackages = [
  { program: "dockerd", debian: "docker.io", for: "run", why: "runs the services, in Swarm mode" },
  { program: "docker", debian: "docker.io", for: "run", why: "looking at the engine by hand" },
  { program: "nix", debian: "nix-bin", for: "run", why: "builds the services" },
  { program: "bwrap", debian: "bubblewrap", for: "run", why: "shuts in what builds run" },
  { program: "socat", debian: "socat", for: "run", why: "the only way out of a build's network" },
  { program: "haproxy", debian: "haproxy", for: "run", why: "leads host names to services" },
  { program: "iptables", debian: "iptables", for: "run", why: "Docker's networks; isolation of tenants" },
  { program: "ip", debian: "iproute2", for: "run", why: "networks of engines" },
  { program: "git", debian: "git", for: "run", why: "fetches sources" },
  { program: "git-lfs", debian: "git-lfs", for: "run", why: "fetches files in Git LFS" },
  { program: "ssh", debian: "openssh-client", for: "run", why: "fetches sources from git over ssh" },
  { program: "zstd", debian: "zstd", for: "run", why: "unpacks Debian packages and NARs" },
  { program: "xz", debian: "xz-utils", for: "run", why: "unpacks Debian packages and NARs" },
  { program: "bzip2", debian: "bzip2", for: "run", why: "unpacks NARs of upstream caches" },
  { program: "ar", debian: "binutils", for: "run", why: "unpacks Debian packages" },
  { program: "setpriv", debian: "util-linux", for: "run", why: "PostgreSQL refuses to run as root" },
  { program: "losetup", debian: "mount", for: "run", why: "volumes of services" },
  { program: "mkfs.ext4", debian: "e2fsprogs", for: "run", why: "volumes of services" },
  {
    program: "/etc/ssl/certs/ca-certificates.crt",
    debian: "ca-certificates",
    for: "run",
    why: "https to Git hosts and package registries",
  },
  { program: "chromium", debian: "chromium", for: "test", why: "the browser of the tests" },
  { program: "curl", debian: "curl", for: "test", why: "asks endpoints by their host names" },
  { program: "sshd", debian: "openssh-server", for: "test", why: "private Git repositories over ssh" },
  { program: "skopeo", debian: "skopeo", for: "test", why: "reads our registry like a stranger does" },
  {
    program: "docker-registry",
    debian: "docker-registry",
    for: "test",
    why: "somebody else's registry, and what ours is compared to",
  },
  { program: "wrk", debian: "wrk", for: "test", why: "requests without pause while a release is replaced" },
  { program: "busybox", debian: "busybox-static", for: "test", why: "a container image made of one file" },
  { program: "runsc", debian: "runsc", for: "test", why: "gVisor, a runtime that workers may have" },
  { program: "swift-proxy-server", debian: "swift-proxy", for: "test", why: "a bucket that speaks S3" },
  { program: "swift-account-server", debian: "swift-account", for: "test", why: "a part of that" },
  { program: "swift-container-server", debian: "swift-container", for: "test", why: "a part of that" },
  { program: "swift-object-server", debian: "swift-object", for: "test", why: "a part of that" },
  {
    program: "debootstrap",
    debian: "debootstrap",
    for: "test",
    why: "a fresh Debian server to install a worker on",
  },
  { program: "systemd-nspawn", debian: "systemd-container", for: "test", why: "boots that server" },
  { program: "shellcheck", debian: "shellcheck", for: "test", why: "reads the installation script" },
]
