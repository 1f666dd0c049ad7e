# status_value NAME: a text in the status that the agent writes.
status_value() {
  sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$data/status.json" 2>/dev/null
}

is_connected() { grep -q '"connected":true' "$data/status.json" 2>/dev/null; }

# The agent registers, and the platform welcomes it.
await_agent() {
  say "waiting until the agent is connected to the platform …"
  waited=0
  while ! is_connected; do
    [ "$waited" -lt "$connect_seconds" ] || return 1
    sleep 1
    waited=$((waited + 1))
    [ $((waited % 15)) -ne 0 ] || say "still waiting: $(status_value reason)"
  done
}
