# `nix flake init -t <this flake>#python`: a template's files as the start of a project of one's own.
let
  names = [
    "nodejs"
    "python"
    "go"
    "static"
  ];
  describe =
    name:
    let
      path = ../templates + "/${name}/source";
      about = builtins.fromJSON (builtins.readFile (../templates + "/${name}/template.json"));
    in
    {
      inherit name;
      value = {
        inherit path;
        inherit (about) description;
      };
    };
in
builtins.listToAttrs (map describe names)
