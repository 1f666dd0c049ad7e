apt() {
  DEBIAN_FRONTEND=noninteractive apt-get -y -q \
    -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 -o Dpkg::Options::=--force-confold "$@" >>"$log" 2>&1
}

is_installed() {
  [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

installed_packages() {
  dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort -u
}

choose_packages() {
  packages="ca-certificates curl haproxy iproute2 iptables"
  # An engine that is there, the distribution's or Docker's own, is used as it is.
  command -v dockerd >/dev/null && ! is_installed docker.io || packages="$packages docker.io"
  # The kernel has it on; without its program the engine starts no container.
  [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" != Y ] || packages="$packages apparmor"
  [ "$gvisor" = no ] || packages="$packages runsc"
  case $roles in
    *builder*) packages="$packages binutils bubblewrap git nix-bin openssh-client socat xz-utils zstd" ;;
  esac
}

# HAProxy's package starts a service of its own; the agent runs HAProxy itself.
keep_haproxy_quiet() {
  is_installed haproxy || [ -e /etc/systemd/system/haproxy.service ] || {
    systemctl mask --quiet haproxy.service
    remember masked haproxy.service
  }
}

# The folders in which packages keep what they were given to keep: gone with them when they are removed again.
remember_folders() {
  for folder in /var/lib/docker /var/lib/containerd /etc/docker /nix; do
    [ -e "$folder" ] || remember folder "$folder"
  done
}

# What was there before is written down first: also when this is cut off, `uninstall` takes away no more than was added.
install_packages() {
  missing=
  for package in $packages; do is_installed "$package" || missing="$missing $package"; done
  [ ! -s "$install/packages.before" ] || missing=$packages
  [ -n "$missing" ] || return 0
  say "installing packages:$missing …"
  [ -s "$install/packages.before" ] || installed_packages >"$install/packages.before.new"
  [ -s "$install/packages.before" ] || mv "$install/packages.before.new" "$install/packages.before"
  remember_folders
  keep_haproxy_quiet
  [ -z "$(dpkg --audit)" ] || DEBIAN_FRONTEND=noninteractive dpkg --configure -a >>"$log" 2>&1 || true
  update_lists
  # shellcheck disable=SC2086 # a list
  apt install --no-install-recommends --fix-broken $packages || fail_apt "The packages cannot be installed."
  installed_packages | comm -13 "$install/packages.before" - | while read -r package; do
    remember package "$package"
  done
  rm "$install/packages.before"
}

# A fresh server fetches them by itself at the same time.
update_lists() {
  for again in yes yes yes yes yes no; do
    ! apt update || return 0
    [ "$again" = yes ] || break
    tail -n 5 "$log" | grep -q 'Could not get lock' || break
    say "another program is using apt; waiting for it …"
    sleep 20
  done
  fail_apt "The package lists cannot be fetched."
}

fail_apt() {
  tail -n 15 "$log" >&2
  fail "$1 The end of $log is above." \
    "Does this machine reach its package servers (apt-get update)? Mend that and run this again: it goes on from here."
}
