# The standard build environment: nixpkgs' phases, hooks and helper functions, as far as services need them.
# Sourced by bash with the derivation's attributes as variables; `@initialPath@` is filled in by default.nix.

set -eo pipefail
shopt -s nullglob

export PATH=
for package in @initialPath@; do PATH=$PATH${PATH:+:}$package/bin; done
export SHELL=@shell@
export CONFIG_SHELL=$SHELL
export HOME=/homeless-shelter
export TERM=dumb
export TZ=UTC
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-315532800}
export NIX_BUILD_TOP=${NIX_BUILD_TOP:-$PWD}
export NIX_BUILD_CORES=${NIX_BUILD_CORES:-1}
((NIX_BUILD_CORES > 0)) || NIX_BUILD_CORES=$(nproc)
prefix=${prefix:-$out}

_say() { printf '%s\n' "$*"; }
echoCmd() { printf '%s:' "$1"; shift; printf ' %q' "$@"; echo; }
nixInfoLog() { :; }
nixWarnLog() { _say "warning: $*" >&2; }
nixErrorLog() { _say "error: $*" >&2; }

# --- hooks: a variable or function of that name, and an array of that name with "Hooks" behind it -----------------

_callImplicitHook() {
  local default=$1 hook=$2
  if declare -F "$hook" >/dev/null; then "$hook"
  elif [[ -e ${!hook:-} && -f ${!hook:-} ]]; then source "${!hook}"
  elif [[ -n ${!hook:-} ]]; then eval "${!hook}"
  else return "$default"
  fi
}
_eval() {
  if declare -F "$1" >/dev/null; then "$@"; else eval "$1"; fi
}
runHook() {
  local hook=$1 each
  shift
  local hooks="${hook%Hook}Hooks[@]"
  _callImplicitHook 0 "$hook"
  for each in "${!hooks}"; do _eval "$each" "$@"; done
}
runOneHook() {
  local hook=$1 each
  local hooks="${hook%Hook}Hooks[@]"
  for each in "${!hooks}"; do if _eval "$each"; then return 0; fi; done
  return 1
}

# --- inputs -------------------------------------------------------------------------------------------------------

addToSearchPathWithCustomDelimiter() {
  if [[ -d $3 ]]; then export "$2=${!2}${!2:+$1}$3"; fi
}
addToSearchPath() { addToSearchPathWithCustomDelimiter ":" "$@"; }

declare -A _inputsSeen=()
_inputPath=
_addInput() {
  local input=$1 more
  [[ -z ${_inputsSeen[$input]:-} ]] || return 0
  _inputsSeen[$input]=1
  if [[ -f $input ]]; then source "$input"; return 0; fi
  [[ ! -d $input/bin ]] || _inputPath=$_inputPath$input/bin:
  addToSearchPathWithCustomDelimiter ":" XDG_DATA_DIRS "$input/share"
  [[ ! -f $input/nix-support/setup-hook ]] || source "$input/nix-support/setup-hook"
  for more in propagated-build-inputs propagated-native-build-inputs; do
    [[ -f $input/nix-support/$more ]] || continue
    local each
    for each in $(<"$input/nix-support/$more"); do _addInput "$each"; done
  done
}
for _input in ${nativeBuildInputs:-} ${propagatedNativeBuildInputs:-} ${buildInputs:-} ${propagatedBuildInputs:-} \
  ${nativeCheckInputs:+$([[ -z ${doCheck:-} ]] || echo "$nativeCheckInputs")}; do
  _addInput "$_input"
done
export PATH=$_inputPath$PATH
