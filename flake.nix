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
      nixosModules = import ./modules;
      nixosConfigurations = import ./nixos/hosts { inherit nixpkgs; };
      packages = forEachSystem ./nixos/flake-packages.nix;
      devShells = forEachSystem ./nixos/dev-shell.nix;
      checks = forEachSystem ./nixos/checks.nix;
      formatter = forEachSystem ./nixos/formatter.nix;
      templates = import ./nixos/flake-templates.nix;
    };
}
