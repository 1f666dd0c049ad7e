# A package as the archive that Yarn 3 or 4 makes of it, by the checksum of its lock file. Written for nixpkgs.
# The checksum is of the archive, not of what the registry has: so the archive is made again, by Yarn itself, and is the
# output whose hash is known.
{
  pkgs,
  # Where `.yarn/cache` is.
  src,
}:
let
  inherit (pkgs) lib;
  # Archives of version 8 are Yarn 3's, of version 10 Yarn 4's; `c0` is how they are compressed.
  programs = {
    "8" = pkgs.yarn-berry_3 or (throw "the package set has no Yarn 3, which the lock file is of: run `yarn set version stable` and `yarn install`");
    "10" = pkgs.yarn-berry_4 or pkgs.yarn-berry;
  };
  partsOf = key: lib.splitString "c" key;
  compression = key: if lib.length (partsOf key) == 2 then lib.last (partsOf key) else "mixed";

  fetch =
    {
      url,
      hash,
      name,
      yarn,
      ...
    }:
    pkgs.runCommand name
      {
        outputHash = hash;
        outputHashAlgo = "sha512";
        outputHashMode = "flat";
        impureEnvVars = [
          "http_proxy"
          "https_proxy"
          "no_proxy"
        ];
        nativeBuildInputs = [
          pkgs.curl
          programs.${builtins.head (partsOf yarn.cacheKey)}
        ];
        SSL_CERT_FILE = "${pkgs.cacert}/etc/ssl/certs/ca-bundle.crt";
        YARN_ENABLE_TELEMETRY = "0";
        YARN_COMPRESSION_LEVEL = compression yarn.cacheKey;
      }
      ''
        export HOME=$TMPDIR
        if ! curl -fsSL --retry 3 --proto =http,https -o package.tgz ${lib.escapeShellArg url} 2>said; then
          echo "fetch-failed: "${lib.escapeShellArg yarn.ident}": $(tail -n 1 said)" >&2
          exit 1
        fi
        mkdir convert
        cp ${./yarn-archive.cjs} convert/convert.cjs
        echo 'plugins: [./convert.cjs]' >convert/.yarnrc.yml
        echo '{}' >convert/package.json
        touch convert/yarn.lock
        cd convert
        yarn convert $TMPDIR/package.tgz ${lib.escapeShellArg yarn.ident} $out </dev/null
      '';

  cached =
    { hash, yarn, ... }:
    let
      file = src + "/.yarn/cache/${yarn.file}";
      # A fixed output like one that is fetched: Nix compares the hash.
      checked = pkgs.runCommand "yarn-archive.zip" {
        outputHash = hash;
        outputHashAlgo = "sha512";
        outputHashMode = "flat";
      } "cp ${file} $out";
    in
    if hash == "" then file else checked;
in
each: if each.yarn.file == null then fetch each else cached each
