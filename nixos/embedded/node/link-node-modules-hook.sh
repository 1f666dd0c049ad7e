# Setup hook: a development shell's node_modules is a link to the one that was built ($npmDeps).

linkNodeModulesHook() {
  if [[ -e node_modules && ! -L node_modules ]]; then
    nixErrorLog "node_modules is a folder of its own; move it away first"
    return 1
  fi
  ln -sfn "$npmDeps/node_modules" node_modules
}

preShellHooks+=(linkNodeModulesHook)
