# Nothing on this machine is changed by any of these.

require_root() {
  [ "$(id -u)" -eq 0 ] || fail "Only root can add this machine." "Run the same command as root: … | sudo sh"
}

unsupported() {
  fail "This machine has $1, which SkyPanel's workers do not run on. Nothing was changed." \
    "Use NixOS, Debian 12 or newer, or Ubuntu 22.04 or newer, with systemd."
}

os_release() {
  sed -n "s/^$1=//p" /etc/os-release | tail -n 1 | tr -d "\"'"
}

# at_least VERSION LEAST: both as in 22.04
at_least() {
  have=${1%%.*} least=${2%%.*}
  case $have in '' | *[!0-9]*) return 1 ;; esac
  [ "$have" -eq "$least" ] || {
    [ "$have" -gt "$least" ]
    return
  }
  have=0 least=0
  case $1 in *.*) have=${1#*.} have=${have%%.*} ;; esac
  case $2 in *.*) least=${2#*.} ;; esac
  [ "$have" -ge "$least" ]
}

recognise_system() {
  if [ -e /etc/NIXOS ] && command -v nixos-rebuild >/dev/null; then
    system=nixos
    return
  fi
  system=debian
  [ -r /etc/os-release ] || unsupported "no /etc/os-release"
  os=$(os_release PRETTY_NAME)
  version=$(os_release VERSION_ID)
  case $(os_release ID) in
    debian) [ -z "$version" ] || at_least "$version" 12 || unsupported "$os" ;;
    ubuntu) at_least "$version" 22.04 || unsupported "$os" ;;
    *) unsupported "${os:-an unknown system}" ;;
  esac
  [ -d /run/systemd/system ] || unsupported "$os without systemd"
}

# The part of a path that is there.
nearest() {
  path=$1
  while [ ! -e "$path" ]; do path=$(dirname "$path"); done
  printf '%s\n' "$path"
}

# require_space FOLDER GIBIBYTES
require_space() {
  free=$(df -Pk "$(nearest "$1")" | awk 'NR == 2 { print $4 }')
  [ "$free" -ge $(($2 * 1048576)) ] ||
    fail "Only $((free / 1024)) MiB are free where $1 is; at least $2 GiB are needed. Nothing was changed." \
      "Make room, or mount a larger disk there, and run this again."
}

require_resources() {
  if [ -e "/etc/systemd/system/$unit" ]; then
    require_space "$data" 1
  else
    require_space "$data" 5
    [ "$system" = nixos ] || require_space /var/lib/docker 5
  fi
  memory=$(awk '$1 == "MemTotal:" { print $2 }' /proc/meminfo)
  [ "$memory" -ge 786432 ] ||
    fail "This machine has $((memory / 1024)) MiB of memory; a worker needs at least 768 MiB. Nothing was changed."
}

# fetch URL FILE
fetch() {
  if command -v curl >/dev/null; then
    curl --fail --silent --show-error --connect-timeout 10 --max-time 900 --retry 2 --output "$2" "$1"
  else
    wget --quiet --timeout=30 --tries=3 --output-document="$2" "$1"
  fi
}

require_platform() {
  command -v curl >/dev/null || command -v wget >/dev/null ||
    fail "Neither curl nor wget is here." "Install one of them (apt-get install curl) and run this again."
  fetch "$control_plane/healthz" /dev/null ||
    fail "This machine does not reach the platform at $control_plane. Nothing was changed." \
      "Mend the network, name resolution or firewall between them, and run this again."
}

has_sha256() {
  [ -f "$1" ] && printf '%s  %s\n' "$2" "$1" | sha256sum --check --status
}
