# Lines of /etc/skypanel/agent.env; the values have neither quotes nor line breaks in them.
setting() { printf '%s="%s"\n' "$1" "$2"; }

agent_settings() {
  echo "# Written by SkyPanel's installation script. Settings of your own go into $settings/local.env."
  setting SKYPANEL_CONTROL_PLANE "$control_plane"
  setting SKYPANEL_PLATFORM_KEY "$platform_key"
  setting SKYPANEL_TOKEN_FILE "$token_file"
  setting SKYPANEL_WORKER_ROLES "$roles"
  setting SKYPANEL_WORKER_NAME "$worker_name"
  setting SKYPANEL_DATA "$data"
  setting SKYPANEL_DOCKER_SOCKET "$docker_socket"
  setting SKYPANEL_ENDPOINT_BIND 0.0.0.0
  setting SKYPANEL_ENDPOINT_PORT 80
  setting SKYPANEL_ENDPOINT_ADDRESS "$address"
  setting SKYPANEL_ORIGIN bundle
  case $roles in
    *builder*)
      setting SKYPANEL_TEMPLATES "$library/source/templates"
      setting SKYPANEL_EMBEDDED "$library/source/nixos/embedded"
      setting SKYPANEL_NPM_REGISTRY "$npm_registry"
      ;;
  esac
}

# A worker keeps its identity; the token is for a machine that has none, or whose identity is not taken any more.
write_token() {
  if [ -f "$data/identity.json" ] && grep -qxF "token $token_sha256" "$record"; then return; fi
  printf '%s\n' "$token" | put "$token_file" 600
  remember token "$token_sha256"
}

# A file of the administrator's has what is needed (add_daemon_setting); one that is ours becomes what is wanted now.
configure_engine() {
  if [ -e "$daemon_file" ] && ! was_written "$daemon_file"; then return; fi
  if [ -z "$daemon_settings" ]; then
    [ -e "$daemon_file" ] || return 0
    rm "$daemon_file"
  else
    [ "$(cat "$daemon_file" 2>/dev/null)" != "{$daemon_settings}" ] || return 0
    printf '{%s}\n' "$daemon_settings" | put "$daemon_file" 644
    remember file "$daemon_file" "$(sha256sum <"$daemon_file" | cut -d ' ' -f 1)"
  fi
  systemctl try-restart docker.service 2>/dev/null || true
}

start_engine() {
  systemctl enable --quiet --now docker.service ||
    fail "The Docker Engine does not start." "See why: journalctl -u docker. Then run this again."
}

# What keeps containers apart is there before the engine starts one: only who has services has containers.
write_firewall_unit() {
  case $roles in
    *services*)
      boot_rules_file | put "$boot_rules" 644
      firewall_unit_file | put "/etc/systemd/system/$firewall_unit" 644
      systemctl daemon-reload
      systemctl enable --quiet "$firewall_unit"
      ;;
    *)
      [ -e "/etc/systemd/system/$firewall_unit" ] || return 0
      systemctl disable --quiet "$firewall_unit"
      rm "/etc/systemd/system/$firewall_unit"
      ;;
  esac
}

write_unit() {
  write_firewall_unit
  unit_file | put "/etc/systemd/system/$unit" 644
  command_file | put /usr/local/bin/skypanel-agent 755
  systemctl daemon-reload
}

start_agent() {
  case $roles in
    *builder*) mkdir -p /nix ;;
  esac
  rm -f "$data/status.json"
  systemctl enable --quiet "$unit"
  systemctl restart "$unit"
}

prepare_folders() {
  mkdir -p "$data" "$install"
  # Others may pass through, not look, as the unit has it.
  chmod 711 "$data"
  rm -rf "$staging"
  mkdir "$staging"
  [ -e "$record" ] || : >"$record"
}

install_on_debian() {
  require_free_machine
  recognise_machine
  require_free_port
  choose_daemon_settings
  say "adding this machine ($os) to $control_plane as ${worker_name:-$(hostname)}: $roles"
  prepare_folders
  choose_packages
  remember_leavings
  configure_engine
  install_packages
  start_engine
  say "installing the agent $agent_version ($runtime) …"
  install_runtime
  install_agent
  install_sources
  agent_settings | put "$settings/agent.env" 600
  write_token
  write_unit
  rm -rf "$staging"
  start_agent
  await_agent ||
    give_up "The agent is not connected to $control_plane." "See how it is: skypanel-agent status"
  say "done: this machine is worker $(status_value name). See how it is: skypanel-agent status"
}

give_up() {
  journalctl --unit "$unit" --lines 20 --no-pager --output cat >&2 || true
  fail "$1 The end of its journal is above." "$2"
}
