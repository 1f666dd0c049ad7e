# The crates of a Cargo.lock, each fetched by its own hash, in the folder that Cargo takes in the place of crates.io.
# Written for nixpkgs.
{
  pkgs,
  name,
  # { name, version, url, checksum }, the checksum in hexadecimal.
  crates,
}:
let
  inherit (pkgs) lib;
  fileOf =
    crate:
    pkgs.fetchurl {
      inherit (crate) url;
      name = "${crate.name}-${crate.version}.crate";
      sha256 = crate.checksum;
    };
in
pkgs.runCommand "${name}-crates"
  {
    crates = lib.concatMapStrings (crate: "${crate.name}-${crate.version} ${crate.checksum} ${fileOf crate}\n") crates;
    passAsFile = [ "crates" ];
  }
  ''
    mkdir $out
    while read -r crate checksum file; do
      tar -tvzf $file >entries
      tar -tzf $file >paths
      if grep -q '^[^-d]' entries; then
        echo "error: the crate $crate has a file in it that is a link or a device" >&2
        exit 1
      fi
      if ! awk -v folder=$crate/ 'index($0 "/", folder) != 1 || /(^|\/)\.\.(\/|$)/ { exit 1 }' paths; then
        echo "error: the crate $crate has a file that leads out of it" >&2
        exit 1
      fi
      tar -xzf $file -C $out --no-same-owner
      chmod -R u+rwX $out/$crate
      echo '{"files":{},"package":"'$checksum'"}' >$out/$crate/.cargo-checksum.json
    done <$cratesPath
  ''
