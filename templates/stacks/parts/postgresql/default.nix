# PostgreSQL as a service of a stack: its data in a volume, one database and one role for the stack's applications.
{ pkgs, ... }:
let
  postgresql = pkgs.postgresql_15;

  # initdb calls a shell by /bin/sh, which a container does not have: what it makes is made here, and copied.
  empty = pkgs.runCommand "postgresql-empty" { } ''
    export TZ=GMT
    ${postgresql}/bin/initdb --pgdata $out --username postgres --encoding UTF8 --locale C \
      --auth-local reject --auth-host scram-sha-256 --no-sync
    echo "host all all all scram-sha-256" >>$out/pg_hba.conf
  '';

  # Without the option a statement that fails is printed, and that is all: the server would start with the old password.
  alone = "${postgresql}/bin/postgres --single -c exit_on_error=on";
in
pkgs.writeShellScriptBin "postgresql" ''
  set -eu
  umask 077
  export PATH=${pkgs.coreutils}/bin LC_ALL=C TZ=GMT
  : "''${POSTGRES_PASSWORD:?is not set: give this service a password}"
  role=''${POSTGRES_USER:-app}
  database=''${POSTGRES_DATABASE:-app}
  data=''${POSTGRES_DATA:-/data}/postgresql-15
  for name in "$role" "$database"; do
    case $name in *[!a-z0-9_]* | [!a-z]*)
      echo "POSTGRES_USER and POSTGRES_DATABASE have lower-case letters, digits and underscores" >&2
      exit 1
      ;;
    esac
  done

  # Whole or not at all: one that was cut off is made anew.
  if [ ! -e "$data" ]; then
    rm -rf "$data.incoming"
    echo "making the database"
    cp -r --no-preserve=mode,ownership ${empty} "$data.incoming"
    printf 'CREATE ROLE %s LOGIN;\nCREATE DATABASE %s OWNER %s;\n' "$role" "$database" "$role" |
      ${alone} -D "$data.incoming" postgres >/dev/null
    mv "$data.incoming" "$data"
  fi

  # The password is the stack's of now, also for a volume that had another one: so it is rotated.
  password=''${POSTGRES_PASSWORD//\'/\'\'}
  rm -f "$data/postmaster.pid"
  printf "ALTER ROLE %s PASSWORD '%s';\n" "$role" "$password" |
    ${alone} -D "$data" postgres >/dev/null
  unset password POSTGRES_PASSWORD

  ${postgresql}/bin/postgres -D "$data" -p "$PORT" -h '*' -k /tmp \
    -c timezone=GMT -c log_timezone=GMT -c shared_buffers=''${POSTGRES_SHARED_BUFFERS:-64MB} \
    -c max_connections=''${POSTGRES_CONNECTIONS:-50} &
  server=$!
  # SIGTERM would wait for every client to leave; SIGINT ends their sessions and writes everything down.
  trap 'kill -INT $server' TERM INT
  wait $server || true
  trap - TERM INT
  wait $server
''
