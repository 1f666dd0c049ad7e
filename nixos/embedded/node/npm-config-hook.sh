# Setup hook: installs $npmDeps (from importNpmLock) into node_modules before the build, with no network.

npmConfigHook() {
  echo "Installing node_modules from package-lock.json"
  export HOME=$TMPDIR
  if [[ -n ${npmRoot:-} ]]; then pushd "$npmRoot" >/dev/null; fi
  node @install@ "$npmDeps" ${npmInstallFlags:-} "${npmInstallFlagsArray[@]}" ${npmFlags:-} "${npmFlagsArray[@]}"
  _patchNodePrograms
  if [[ -z ${npmIgnoreScripts:-} ]] && grep -q '"hasInstallScript":true' "$npmDeps/package-lock.json"; then
    npm rebuild ${npmRebuildFlags:-} ${npmFlags:-} "${npmFlagsArray[@]}"
    _patchNodePrograms
  fi
  if [[ -n ${npmRoot:-} ]]; then popd >/dev/null; fi
}

# Only what is run by name, and with the Node.js that has no npm: the shebangs of the rest would drag npm and a shell
# into the closure of every service.
_patchNodePrograms() {
  [[ -d node_modules && -z ${dontPatchShebangs:-} ]] || return 0
  local link
  while IFS= read -rd '' link; do
    if [[ -f $link ]]; then PATH=@slim@/bin:$PATH patchShebangs "$(realpath "$link")"; fi
  done < <(find node_modules -path '*/.bin/*' -type l -print0)
}

postPatchHooks+=(npmConfigHook)
