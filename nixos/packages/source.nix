# The files of this repository that a program is made of: no tests, nothing that npm or a build has put beside them.
{
  lib,
  # Of the repository's root.
  folders,
  files ? [ ],
}:
let
  inherit (lib) fileset;
  root = ../..;
  made = lib.concatMap (folder: map (name: root + "/${folder}/${name}") [ "node_modules" "dist" "test" ]) folders;
  isSource = file: !(lib.hasInfix ".test." file.name);
in
fileset.toSource {
  inherit root;
  fileset =
    fileset.difference
      (fileset.unions (
        map (name: root + "/${name}") files
        ++ map (folder: fileset.fileFilter isSource (root + "/${folder}")) folders
      ))
      (fileset.unions (map fileset.maybeMissing made));
}
