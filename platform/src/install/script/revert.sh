# Brings back the configuration that this machine had before it was made a worker, unless its agent is connected.
# A shell of its own reads it: it knows no more than the folder that it is in.
folder=${0%/*}
! grep -q '"connected":true' /var/lib/skypanel/status.json || exit 0
[ "$(readlink /nix/var/nix/profiles/system)" != "$(cat "$folder/before")" ] || exit 0
PATH=$PATH:/run/current-system/sw/bin
exec nixos-rebuild switch --rollback
