one_at_a_time() {
  exec 9>/run/skypanel-install.lock
  flock --nonblock 9 || fail "This script is running already." "Wait until it has ended."
}

main() {
  set -eu
  umask 022
  export LC_ALL=C
  PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin:/run/current-system/sw/bin
  facts
  read_options "$@"
  require_root
  recognise_system
  one_at_a_time
  require_resources
  require_platform
  case $system in
    nixos) install_on_nixos ;;
    *) install_on_debian ;;
  esac
}
