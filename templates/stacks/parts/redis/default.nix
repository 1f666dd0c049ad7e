# Redis as a cache of a stack: in memory only, the keys used least go when it is full.
{ pkgs, ... }:
pkgs.writeShellScriptBin "redis" ''
  set -eu
  : "''${REDIS_PASSWORD:?is not set: give this service a password}"
  # By its standard input, so that the password is in no list of processes.
  exec ${pkgs.redis}/bin/redis-server - <<CONFIGURATION
  port $PORT
  bind 0.0.0.0
  protected-mode no
  requirepass $REDIS_PASSWORD
  maxmemory ''${REDIS_MEMORY:-48mb}
  maxmemory-policy allkeys-lru
  save ""
  appendonly no
  dir /tmp
  CONFIGURATION
''
