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

# --- text ---------------------------------------------------------------------------------------------------------

substituteStream() {
  local var=$1 description=$2
  shift 2
  local text before
  while (($# > 0)); do
    before=${!var}
    case $1 in
    --replace | --replace-fail | --replace-warn | --replace-quiet)
      text=${before//"$2"/"$3"}
      if [[ $text == "$before" && $1 != --replace-quiet ]]; then
        nixWarnLog "pattern $2 is not in $description"
        [[ $1 != --replace-fail ]] || return 1
      fi
      printf -v "$var" '%s' "$text"
      shift 3
      ;;
    --subst-var) printf -v "$var" '%s' "${before//"@$2@"/"${!2}"}"; shift 2 ;;
    --subst-var-by) printf -v "$var" '%s' "${before//"@$2@"/"$3"}"; shift 3 ;;
    *) nixErrorLog "substitute does not know $1"; return 1 ;;
    esac
  done
  printf '%s' "${!var}"
}
substitute() {
  local input=$1 output=$2 _content
  shift 2
  [[ -f $input ]] || { nixErrorLog "substitute: $input is not there"; return 1; }
  IFS= read -rd '' _content <"$input" || true
  substituteStream _content "file '$input'" "$@" >"$output.substituted"
  cat "$output.substituted" >"$output"
  rm "$output.substituted"
}
substituteInPlace() {
  local -a files=()
  while [[ $# -gt 0 && $1 != --* ]]; do files+=("$1"); shift; done
  local file
  for file in "${files[@]}"; do substitute "$file" "$file" "$@"; done
}
substituteAll() {
  local -a arguments=()
  local name
  while IFS= read -r name; do arguments+=(--subst-var "$name"); done < <(compgen -e | grep -E '^[a-z][a-zA-Z0-9_]*$')
  substitute "$1" "$2" "${arguments[@]}"
}
substituteAllInPlace() { substituteAll "$1" "$1"; }

patchShebangs() {
  local path file line program arguments found
  for path in "$@"; do
    case $path in --host | --build | --update) continue ;; esac
    while IFS= read -rd '' file; do
      IFS= read -r line <"$file" || [[ -n $line ]] || continue
      [[ $line == "#!"* ]] || continue
      read -r program arguments <<<"${line#\#!}"
      [[ $program != "$NIX_STORE"/* ]] || continue
      if [[ $program == */env ]]; then
        [[ $arguments != "-S "* ]] || arguments=${arguments#-S }
        program=${arguments%% *}
        if [[ $arguments == *" "* ]]; then arguments=${arguments#* }; else arguments=; fi
      fi
      found=$(type -P "${program##*/}") || continue
      sed -i "1s|.*|#!$found${arguments:+ $arguments}|" "$file"
    done < <(find "$path" -type f -perm -0100 -print0)
  done
}

# --- phases -------------------------------------------------------------------------------------------------------

stripHash() {
  local name=${1##*/}
  if [[ $name =~ ^[a-z0-9]{32}- ]]; then name=${name:33}; fi
  _say "$name"
}
unpackFile() {
  local name
  name=$(stripHash "$1")
  if [[ -d $1 ]]; then
    cp -r --preserve=mode,timestamps --reflink=auto -- "$1" "$name"
    return 0
  fi
  case $1 in
  *.tar | *.tar.* | *.tgz | *.tbz2 | *.txz) tar xf "$1" --warning=no-timestamp --no-same-owner ;;
  *.zip) unzip -qq "$1" ;;
  *) runOneHook unpackCmd "$1" || { nixErrorLog "do not know how to unpack $1"; return 1; } ;;
  esac
}
unpackPhase() {
  runHook preUnpack
  local -a sources=(${srcs:-$src})
  if ((${#sources[@]} == 0)); then nixErrorLog "variable \$src or \$srcs should point to the source"; return 1; fi
  local source before after
  before=" $(printf '%s ' */)"
  for source in "${sources[@]}"; do curSrc=$source unpackFile "$source"; done
  if [[ -n ${setSourceRoot:-} ]]; then runOneHook setSourceRoot
  elif [[ -z ${sourceRoot:-} ]]; then
    for after in */; do
      [[ $before != *" $after "* ]] || continue
      [[ -z ${sourceRoot:-} ]] || { nixErrorLog "unpacker produced multiple directories"; return 1; }
      sourceRoot=${after%/}
    done
  fi
  [[ -n ${sourceRoot:-} ]] || { nixErrorLog "unpacker appears to have produced no directories"; return 1; }
  _say "source root is $sourceRoot"
  [[ -n ${dontMakeSourcesWritable:-} ]] || chmod -R u+w -- "$sourceRoot"
  runHook postUnpack
}
patchPhase() {
  runHook prePatch
  local each
  for each in ${patches:-}; do
    _say "applying patch $each"
    patch ${patchFlags:--p1} <"$each"
  done
  runHook postPatch
}
configurePhase() {
  runHook preConfigure
  if [[ -z ${configureScript:-} && -x ./configure ]]; then configureScript=./configure; fi
  if [[ -n ${configureScript:-} ]]; then
    local -a flags=(${dontAddPrefix:+} ${configureFlags:-} "${configureFlagsArray[@]}")
    [[ -n ${dontAddPrefix:-} ]] || flags=("--prefix=$prefix" "${flags[@]}")
    echoCmd "configure flags" "${flags[@]}"
    $configureScript "${flags[@]}"
  fi
  runHook postConfigure
}
_make() {
  local parallel=
  [[ -z ${enableParallelBuilding:-} ]] || parallel=-j$NIX_BUILD_CORES
  make ${makefile:+-f "$makefile"} $parallel SHELL="$SHELL" ${makeFlags:-} "${makeFlagsArray[@]}" "$@"
}
_hasMakefile() { [[ -n ${makefile:-} || -e Makefile || -e makefile || -e GNUmakefile ]]; }
buildPhase() {
  runHook preBuild
  if _hasMakefile; then _make ${buildFlags:-} "${buildFlagsArray[@]}"; else _say "no Makefile, doing nothing"; fi
  runHook postBuild
}
checkPhase() {
  runHook preCheck
  if _hasMakefile; then _make ${checkFlags:-} ${checkTarget:-check}; fi
  runHook postCheck
}
installPhase() {
  runHook preInstall
  if _hasMakefile; then
    _make ${installFlags:-} "${installFlagsArray[@]}" ${installTargets:-install}
  else
    nixErrorLog "no Makefile and no installPhase: nothing says what to install"
    return 1
  fi
  runHook postInstall
}
fixupPhase() {
  local output
  for output in ${outputs:-out}; do [[ ! -e ${!output} ]] || chmod -R u+w,u-s,g-s "${!output}"; done
  runHook preFixup
  for output in ${outputs:-out}; do
    [[ -e ${!output} ]] || continue
    [[ -n ${dontPatchShebangs:-} ]] || patchShebangs "${!output}"
    prefix=${!output} runHook fixupOutput
  done
  local support
  if [[ -n ${propagatedBuildInputs:-} ]]; then
    mkdir -p "$out/nix-support"
    _say "$propagatedBuildInputs" >"$out/nix-support/propagated-build-inputs"
  fi
  if [[ -n ${setupHook:-} ]]; then
    mkdir -p "$out/nix-support"
    substituteAll "$setupHook" "$out/nix-support/setup-hook"
  fi
  runHook postFixup
}
installCheckPhase() {
  runHook preInstallCheck
  runHook postInstallCheck
}
distPhase() { :; }

_isFunctionOrText() { declare -F "$1" >/dev/null || [[ -n ${!1:-} ]]; }
runPhase() {
  local phase=$1
  case $phase in
  unpackPhase) [[ -z ${dontUnpack:-} ]] || return 0 ;;
  patchPhase) [[ -z ${dontPatch:-} ]] || return 0 ;;
  configurePhase) [[ -z ${dontConfigure:-} ]] || return 0 ;;
  buildPhase) [[ -z ${dontBuild:-} ]] || return 0 ;;
  checkPhase) [[ -n ${doCheck:-} ]] || return 0 ;;
  installPhase) [[ -z ${dontInstall:-} ]] || return 0 ;;
  fixupPhase) [[ -z ${dontFixup:-} ]] || return 0 ;;
  installCheckPhase) [[ -n ${doInstallCheck:-} ]] || return 0 ;;
  distPhase) [[ -n ${doDist:-} ]] || return 0 ;;
  esac
  _say "Running phase: $phase"
  # An attribute of the phase's name replaces the function.
  if [[ -n ${!phase:-} ]]; then eval "${!phase}"; else "$phase"; fi
  if [[ $phase == unpackPhase ]]; then
    [[ -z ${sourceRoot:-} ]] || chmod +x -- "$sourceRoot"
    cd -- "${sourceRoot:-.}"
  fi
}
genericBuild() {
  export NIX_LOG_FD=
  if [[ -f ${buildCommandPath:-} ]]; then source "$buildCommandPath"; return; fi
  if [[ -n ${buildCommand:-} ]]; then eval "$buildCommand"; return; fi
  local each
  for each in ${phases:-${prePhases:-} unpackPhase patchPhase ${preConfigurePhases:-} configurePhase \
    ${preBuildPhases:-} buildPhase checkPhase ${preInstallPhases:-} installPhase ${preFixupPhases:-} fixupPhase \
    installCheckPhase ${preDistPhases:-} distPhase ${postPhases:-}}; do
    runPhase "$each"
  done
}

_explainFailure() {
  local code=$?
  ((code == 0)) || runHook failureHook
}
trap _explainFailure EXIT
for _output in ${outputs:-out}; do
  [[ ${_output} == out ]] || export "output_${_output}=${!_output:-}"
done
[[ -z ${preHook:-} ]] || eval "$preHook"
