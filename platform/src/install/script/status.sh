# status_value NAME: a text in the status that the agent writes.
status_value() {
  sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$data/status.json" 2>/dev/null
}

# One that always ends again is not waited for.
is_restarted_often() {
  restarts=$(systemctl show --property NRestarts --value "$unit" 2>/dev/null)
  [ "${restarts:-0}" -ge 10 ]
}

is_connected() { grep -q '"connected":true' "$data/status.json" 2>/dev/null; }

# The agent registers, and the platform welcomes it.
await_agent() {
  say "waiting until the agent is connected to the platform …"
  waited=0
  while ! is_connected; do
    if [ "$waited" -ge "$connect_seconds" ] || is_restarted_often; then return 1; fi
    sleep 1
    waited=$((waited + 1))
    reason=$(status_value reason)
    [ $((waited % 15)) -ne 0 ] || say "still waiting: ${reason:-the agent has not said anything}"
  done
}
