# Shell text that makes the node_modules of a project from links to installed packages, and removes them again.
{
  lib,
  # The folders that have packages of their own: the project ("") and the members of its workspace.
  folders ? [ "" ],
  # Links to members of the workspace: [ path target ].
  members ? [ ],
}:
let
  quoted = lib.escapeShellArg;
  # Folders of links instead of one link: beside the packages there are members, and what tools write there (.cache).
  linkFolder = tree: target: folder: ''
    mkdir -p ${target}/${quoted folder}/node_modules
    for entry in ${tree}/${quoted folder}/node_modules/{*,.[!.]*}; do
      [ -e "$entry" ] || continue
      case "''${entry##*/}" in
        @*)
          mkdir -p ${target}/${quoted folder}/node_modules/"''${entry##*/}"
          ln -s "$entry"/* ${target}/${quoted folder}/node_modules/"''${entry##*/}"/
          ;;
        *) ln -s "$entry" ${target}/${quoted folder}/node_modules/ ;;
      esac
    done
  '';
  linkMember =
    target: member:
    let
      path = "${target}/${quoted (builtins.head member)}";
    in
    ''
      mkdir -p "$(dirname ${path})"
      ln -sfn ${quoted (lib.last member)} ${path}
    '';
in
{
  link =
    tree: target:
    lib.concatMapStrings (linkFolder tree target) folders
    + lib.concatMapStrings (linkMember target) members;
  unlink = target: lib.concatMapStrings (folder: "rm -rf ${target}/${quoted folder}/node_modules\n") folders;
}
