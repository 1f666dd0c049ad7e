/** Where things are for what runs inside. */
export const places = {
  /** The folder that is built. */
  context: "/context",
  /** A folder with the `Dockerfile`. */
  dockerfile: "/dockerfile",
  /** A folder with the client's `config.json`: what it gets base images with. */
  login: "/login",
  /** Docker's own, kept for the next build of the service. */
  data: "/data",
  /** The image: what `docker save` gives, unpacked. */
  image: "/image",
} as const

/** The Docker Engine did not start: nothing is wrong with the source. */
export const engineFailed = 70
/** The image was built and could not be written. */
export const saveFailed = 71

/** What each service keeps of earlier builds. */
const keptBytes = 4 * 1024 ** 3

/**
 * Runs a Docker Engine of the build's own for the BuildKit in it; its arguments are those of `docker build`. Without a
 * network of its own: steps are in the build's, which leads to the egress proxy only.
 *
 * A client before version 23 has BuildKit in it, a later one has it in a plugin, which may not be there.
 */
export const script = `
set -u
mount -t cgroup2 -o ro none /sys/fs/cgroup || exit ${engineFailed}
mount -t tmpfs none /run/docker && mount -t tmpfs none /etc/docker || exit ${engineFailed}
dockerd --rootless --data-root ${places.data} --exec-root /tmp/docker --pidfile /tmp/docker.pid \\
  --host "$DOCKER_HOST" --bridge none --iptables=false --ip6tables=false --ip-forward=false \\
  --storage-driver overlay2 \${ENGINE_OPTIONS:-} >/tmp/engine.log 2>&1 &
engine=$!
client=
IFS=:
for folder in $PATH; do
  [ -x "$folder/docker" ] || continue
  version=$("$folder/docker" --version)
  version=\${version#Docker version }
  version=\${version%%.*}
  if [ "$version" -lt 23 ] || "$folder/docker" buildx version >/dev/null 2>&1; then
    client=$folder/docker
    break
  fi
done
unset IFS
[ -n "$client" ] || { echo "there is no docker with BuildKit" >&2; exit ${engineFailed}; }
until "$client" version >/dev/null 2>&1; do
  kill -0 "$engine" 2>/dev/null || { tail -n 1 /tmp/engine.log >&2; exit ${engineFailed}; }
  sleep 0.05
done
"$client" build "$@" || exit 1
"$client" save image | tar --extract --directory ${places.image} --no-same-owner || exit ${saveFailed}
"$client" image rm --force image >/dev/null 2>&1
"$client" builder prune --force --all --keep-storage ${keptBytes} >/dev/null 2>&1
kill "$engine"
wait "$engine"
exit 0
`
