# A machine's own configuration stays as it is: the flake in /etc/skypanel adds the worker to it.

recognise_configuration() {
  host_name=$(hostname)
  case $host_name in
    '' | *[!A-Za-z0-9_-]*) fail "This machine's name, $host_name, cannot be used in its configuration. Nothing was changed." ;;
  esac
  if [ -e /etc/nixos/flake.nix ]; then
    machine_is_flake=true
  elif [ -e /etc/nixos/configuration.nix ]; then
    machine_is_flake=false
  else
    fail "Neither flake.nix nor configuration.nix is in /etc/nixos. Nothing was changed." \
      "Add services.skypanel.worker to this machine's configuration by hand: the platform shows the lines beside the command."
  fi
}

write_flake() {
  mkdir -p "$settings"
  flake_template |
    sed -e "s|@hostName@|$host_name|g" -e "s|@machineIsFlake@|$machine_is_flake|g" >"$settings/flake.nix.new"
  mv "$settings/flake.nix.new" "$settings/flake.nix"
  rm -f "$settings/flake.lock"
}

# Not beside the flake: everything there is copied into the store, which everybody reads.
write_nixos_token() {
  mkdir -p "$data"
  chmod 700 "$data"
  rm -f "$token_file.new"
  (umask 077 && printf '%s\n' "$token" >"$token_file.new")
  mv "$token_file.new" "$token_file"
}

generation() { readlink /nix/var/nix/profiles/system; }

# Goes back by itself, also when this script is cut off or the way to this machine is lost.
# arm_revert STEP SECONDS: a timer for each step, so that one is armed before the one before it is stopped.
arm_revert() {
  systemd-run --quiet --unit "$revert_unit-$1" --on-active "$2" --timer-property AccuracySec=1s /bin/sh "$revert/revert"
}

# disarm_revert [STEP]: every one without it.
disarm_revert() { systemctl stop "$revert_unit-${1:-*}.timer" 2>/dev/null || true; }

prepare_revert() {
  mkdir -p "$revert"
  generation >"$revert/before"
  revert_file >"$revert/revert"
}

# revert WHY
revert() {
  disarm_revert
  say "$1 Going back to the configuration before …"
  timeout --kill-after 30 "$switch_seconds" sh "$revert/revert" || fail "The configuration before could not be brought back." "Run: nixos-rebuild switch --rollback"
}

switch_configuration() {
  timeout --kill-after 30 "$switch_seconds" \
    nixos-rebuild switch --impure --flake "path:$settings#$host_name"
}

install_on_nixos() {
  recognise_configuration
  say "adding this machine (NixOS, $host_name) to $control_plane: $roles"
  write_nixos_token
  write_flake
  rm -f "$data/status.json"
  prepare_revert
  disarm_revert
  arm_revert switch $((switch_seconds + 60))
  if ! switch_configuration; then
    revert "nixos-rebuild did not succeed."
    fail "nixos-rebuild could not add the worker; what it said is above. The machine is as it was." \
      "Mend what it says, and paste the command again."
  fi
  arm_revert connect $((connect_seconds + 60))
  disarm_revert switch
  if ! await_agent; then
    journalctl --unit "$unit" --lines 20 --no-pager --output cat >&2 || true
    revert "The agent is not connected after $connect_seconds seconds; its journal is above."
    fail "The agent did not reach the platform. The machine is as it was." \
      "Mend what its journal says, and paste the command again."
  fi
  disarm_revert
  say "done: this machine is worker $(status_value name)."
  say "It is described in $settings/flake.nix; from now on: nixos-rebuild switch --impure --flake path:$settings#$host_name"
}
