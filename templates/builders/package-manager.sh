# Stands for pnpm, yarn and bun in a build: runs scripts of the package.json by npm, and programs of packages. The
# packages themselves are installed before.
case "${1:-install}" in
run | run-script)
  shift
  script=$1
  shift
  exec npm run "$script" -- "$@"
  ;;
exec | x | dlx)
  shift
  exec "$@"
  ;;
install | i | ci) ;;
-* | --*)
  echo "error: \`${0##*/} $*\`: only scripts and programs can be run in a build, without options before their name" >&2
  exit 1
  ;;
*)
  name=$1
  shift
  if [ "$(npm pkg get "scripts.$name")" != "{}" ]; then exec npm run "$name" -- "$@"; fi
  exec "$name" "$@"
  ;;
esac
