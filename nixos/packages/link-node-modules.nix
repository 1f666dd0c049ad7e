# Shell lines that give the current folder a `node_modules`: npm's packages from the store, and the workspaces beside it.
{
  lib,
  modules,
  workspaces,
}:
''
  mkdir -p node_modules/@skypanel
  for entry in ${modules}/node_modules/*; do ln -s "$entry" node_modules/; done
  for workspace in ${lib.escapeShellArgs workspaces}; do ln -s "../../$workspace" node_modules/@skypanel/; done
''
