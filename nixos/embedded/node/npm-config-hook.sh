# Setup hook: installs $npmDeps (from importNpmLock) into node_modules before the build, with no network.

npmConfigHook() {
  echo "Installing node_modules from package-lock.json"
  export HOME=$TMPDIR
  if [[ -n ${npmRoot:-} ]]; then pushd "$npmRoot" >/dev/null; fi
  node @install@ "$npmDeps" ${npmInstallFlags:-} "${npmInstallFlagsArray[@]}" ${npmFlags:-} "${npmFlagsArray[@]}"
  if [[ -d node_modules && -z ${dontPatchShebangs:-} ]]; then patchShebangs node_modules; fi
  if [[ -z ${npmIgnoreScripts:-} ]] && grep -q '"hasInstallScript":true' "$npmDeps/package-lock.json"; then
    npm rebuild ${npmRebuildFlags:-} ${npmFlags:-} "${npmFlagsArray[@]}"
    patchShebangs node_modules
  fi
  if [[ -n ${npmRoot:-} ]]; then popd >/dev/null; fi
}

postPatchHooks+=(npmConfigHook)
