# Nothing on this machine is changed by any of these either.

recognise_machine() {
  case $(uname -m) in
    x86_64 | amd64) runtime_path=$runtime_path_x86_64 runtime_sha256=$runtime_sha256_x86_64 ;;
    aarch64 | arm64) runtime_path=$runtime_path_aarch64 runtime_sha256=$runtime_sha256_aarch64 ;;
    *) runtime_path= ;;
  esac
  [ -n "$runtime_path" ] ||
    fail "The platform has no $runtime for machines of the kind $(uname -m). Nothing was changed." \
      "Add the npm package of $runtime for them to the platform, or choose the other runtime for this installation."
}

require_free_machine() {
  if [ -r "$settings/agent.env" ]; then
    theirs=$(sed -n 's/^SKYPANEL_CONTROL_PLANE="\(.*\)"$/\1/p' "$settings/agent.env")
    [ "$theirs" = "$control_plane" ] ||
      fail "This machine is a worker of $theirs. Nothing was changed." "First: skypanel-agent uninstall"
  elif [ "$(docker info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null)" = active ]; then
    fail "This machine's Docker Engine is part of another Swarm. Nothing was changed." \
      "If that is of no use any more: docker swarm leave. Otherwise take another machine."
  fi
}

# A worker's own proxy has the port when this is run again.
require_free_port() {
  if [ -e "/etc/systemd/system/$unit" ] || ! command -v ss >/dev/null; then return; fi
  taken=$(ss --no-header --listening --tcp --numeric --processes 'sport = :80')
  [ -z "$taken" ] ||
    fail "Something listens on port 80 of this machine. Nothing was changed. It is: $taken" \
      "The worker's proxy needs that port: stop or move what listens there, and run this again."
}

# was_written FILE: as it is now, it is this script's.
was_written() {
  [ -f "$record" ] && grep -qxF "file $1 $(sha256sum <"$1" | cut -d ' ' -f 1)" "$record"
}

# What the engine is to be told because it does something else by itself.
choose_daemon_settings() {
  daemon_settings=
  case $control_plane in
    http://*) add_daemon_setting "\"insecure-registries\": [\"$registry\"]" "\"$registry\"" ;;
  esac
  # A setuid program of a customer's image stays who started it; engines before 25 hear of it here only.
  add_daemon_setting '"no-new-privileges": true' '"no-new-privileges":true'
  [ "$userns_remap" = no ] || add_daemon_setting '"userns-remap": "default"' '"userns-remap"'
  # With a network stack of its own, gVisor finds no other service by its name, and Debian 12's starts nothing at all.
  [ "$gvisor" = no ] ||
    add_daemon_setting '"runtimes": {"runsc": {"path": "/usr/bin/runsc", "runtimeArgs": ["--network=host"]}}, "default-runtime": "runsc"' '"runsc"'
}

# add_daemon_setting JSON WORD: WORD is in a file of the administrator's own that has it already, whatever space is in it.
add_daemon_setting() {
  daemon_settings="${daemon_settings:+$daemon_settings, }$1"
  [ ! -e "$daemon_file" ] || was_written "$daemon_file" || tr -d '[:space:]' <"$daemon_file" | grep -qF "$2" ||
    fail "$daemon_file is not this script's, and the worker needs a setting there. Nothing was changed." \
      "Add {$1} to it, restart Docker (systemctl restart docker), and run this again."
}
