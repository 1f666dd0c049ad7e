say() { printf 'skypanel: %s\n' "$1"; }

# What is wrong, and what to do about it.
fail() {
  printf '\nskypanel: %s\n' "$1" >&2
  [ -z "${2:-}" ] || printf 'skypanel: %s\n' "$2" >&2
  exit 1
}

usage() {
  cat <<'END'
Adds this machine to SkyPanel as a worker. It can be run again: what is there stays, what is missing or old is put right.

  --address HOST:PORT   where the platform and other workers reach this machine's proxy, when its own address is not it
  --userns-remap        root in a container is nobody outside (for all containers of this machine's Docker Engine)
  --gvisor              containers run in gVisor (runsc), which has a kernel of its own between them and this machine's

`skypanel-agent uninstall` undoes it.
END
}

not_an_address() { fail "$address is no address." "It looks like 192.0.2.7:80"; }

read_options() {
  userns_remap=no
  gvisor=no
  address=
  while [ $# -gt 0 ]; do
    case $1 in
      --userns-remap) userns_remap=yes ;;
      --gvisor) gvisor=yes ;;
      --address)
        [ $# -gt 1 ] || fail "--address needs a value." "Such as --address 192.0.2.7:80"
        address=$2
        shift
        ;;
      --help)
        usage
        exit 0
        ;;
      *) fail "There is no option $1." "--help lists those that there are." ;;
    esac
    shift
  done
  case $address in
    '') ;;
    *[!][A-Za-z0-9.:-]* | *[!0-9]) not_an_address ;;
    ?*:*) ;;
    *) not_an_address ;;
  esac
}
