# `nix fmt`: nixpkgs' own style, over the whole tree.
{ pkgs }:
pkgs.nixfmt-tree
