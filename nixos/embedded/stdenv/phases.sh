# Part of the standard build environment: the phases of a build, in nixpkgs' order.

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
[[ -z ${preHook:-} ]] || eval "$preHook"
