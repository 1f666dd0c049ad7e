{
  description = "SkyPanel: a Heroku alternative that a hosting business runs on its own machines";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  # A table of contents: what each output is, is said in the file that it names.
  outputs =
    { nixpkgs, ... }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      forEachSystem =
        file:
        nixpkgs.lib.genAttrs systems (
          system: import file { pkgs = nixpkgs.legacyPackages.${system}; }
        );
    in
    {
      devShells = forEachSystem ./nixos/dev-shell.nix;
      packages = forEachSystem ./nixos/template-packages.nix;
      formatter = forEachSystem ./nixos/formatter.nix;
      templates = import ./nixos/flake-templates.nix;
    };
}
