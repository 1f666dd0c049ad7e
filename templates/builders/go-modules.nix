# The modules of a go.sum as a module cache, each checked by go.sum's hash of it. Written for nixpkgs.
# Those hashes are of what is in archives, and each is of one module; Nix wants one, of all of it: that is learned.
{
  pkgs,
  # Where modules come from, as in GOPROXY.
  goProxy,
}:
let
  inherit (pkgs) lib;
in
{ name, hash, files, ... }:
pkgs.runCommand name
  {
    outputHash = hash;
    outputHashAlgo = "sha256";
    outputHashMode = "recursive";
    impureEnvVars = [
      "http_proxy"
      "https_proxy"
      "no_proxy"
    ];
    SSL_CERT_FILE = "${pkgs.cacert}/etc/ssl/certs/ca-bundle.crt";
    passAsFile = [ "files" ];
    files = builtins.toJSON files;
  }
  ''
    ${pkgs.python3}/bin/python3 -I -B ${./go-modules.py} "$filesPath" ${lib.escapeShellArg goProxy} "$out"
  ''
