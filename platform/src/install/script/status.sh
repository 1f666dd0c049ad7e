# status_value NAME: a text in the status that the agent writes.
status_value() {
  sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$data/status.json" 2>/dev/null
}

# How often systemd has started the agent again; it does not count anew when a person does.
restarts() {
  counted=$(systemctl show --property NRestarts --value "$unit" 2>/dev/null)
  printf '%s\n' "${counted:-0}"
}

is_connected() { grep -q '"connected":true' "$data/status.json" 2>/dev/null; }

# The agent registers, and the platform welcomes it.
await_agent() {
  say "waiting until the agent is connected to the platform …"
  waited=0
  before=$(restarts)
  while ! is_connected; do
    # One that ends again and again is not waited for.
    if [ "$waited" -ge "$connect_seconds" ] || [ "$(restarts)" -ge $((before + 10)) ]; then return 1; fi
    sleep 1
    waited=$((waited + 1))
    reason=$(status_value reason)
    [ $((waited % 15)) -ne 0 ] || say "still waiting: ${reason:-the agent has not said anything}"
  done
}
