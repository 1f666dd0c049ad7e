apt() {
  DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get -y -q \
    -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 -o Dpkg::Options::=--force-confold "$@" >>"$log" 2>&1
}

is_installed() {
  [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Packages, users and groups: their names as they are now.
names_of() {
  case $1 in
    package) dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' ;;
    user) cut -d : -f 1 /etc/passwd ;;
    group) cut -d : -f 1 /etc/group ;;
  esac | sort -u
}

# What was there before is written down first: also when this is cut off, `uninstall` takes away no more than was added.
note_before() {
  [ ! -d "$install/before" ] || return 0
  rm -rf "$install/before.new"
  mkdir "$install/before.new"
  for kind in package user group; do names_of "$kind" >"$install/before.new/$kind"; done
  mv "$install/before.new" "$install/before"
}

remember_added() {
  for kind in package user group; do
    names_of "$kind" | comm -13 "$install/before/$kind" - | while read -r name; do remember "$kind" "$name"; done
  done
  rm -r "$install/before"
}

choose_packages() {
  packages="ca-certificates curl haproxy iproute2 iptables"
  # An engine that is there, the distribution's or Docker's own, is used as it is.
  command -v dockerd >/dev/null && ! is_installed docker.io || packages="$packages docker.io"
  # The kernel has it on; without its program the engine starts no container.
  [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" != Y ] || packages="$packages apparmor"
  [ "$gvisor" = no ] || packages="$packages runsc"
  case $roles in
    *builder*) packages="$packages binutils bubblewrap git git-lfs nix-bin openssh-client socat xz-utils zstd" ;;
  esac
}

# HAProxy's package starts a service of its own; the agent runs HAProxy itself.
keep_haproxy_quiet() {
  is_installed haproxy || [ -e /etc/systemd/system/haproxy.service ] || {
    systemctl mask --quiet haproxy.service 2>/dev/null
    remember masked haproxy.service
  }
}

# What packages make besides their files, and leave behind when they are removed.
remember_leavings() {
  folders=
  case $packages in
    *docker.io*)
      folders="/var/lib/docker /var/lib/containerd /etc/docker /etc/cni"
      # The engine makes it when it is told to remap users.
      getent passwd dockremap >/dev/null || remember user dockremap
      ;;
  esac
  case $packages in
    *nix-bin*) folders="$folders /nix" ;;
  esac
  case $packages in
    # It sets itself up there, and takes only what it has written out again.
    *git-lfs*) [ -e /etc/gitconfig ] || remember emptied /etc/gitconfig ;;
  esac
  for folder in $folders; do [ -e "$folder" ] || remember folder "$folder"; done
}

install_packages() {
  missing=
  for package in $packages; do is_installed "$package" || missing="$missing $package"; done
  # One that was cut off goes on.
  [ ! -d "$install/before" ] || missing=$packages
  [ -n "$missing" ] || return 0
  say "installing packages:$missing …"
  note_before
  keep_haproxy_quiet
  [ -z "$(dpkg --audit)" ] || DEBIAN_FRONTEND=noninteractive dpkg --configure -a >>"$log" 2>&1 || true
  update_lists
  # shellcheck disable=SC2086 # a list
  apt install --no-install-recommends --no-upgrade --fix-broken $packages ||
    fail_apt "The packages cannot be installed."
  remember_added
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
