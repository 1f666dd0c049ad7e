# An environment of the wheels that a lock file names, each fetched by its own hash, without pip. Written for nixpkgs.
{
  pkgs,
  name,
  # By Python (`3.11`): lists of { package, version, name, url, hash }.
  wheels,
}:
let
  inherit (pkgs) lib;
  python = pkgs.python3;
  chosen =
    wheels.${python.pythonVersion} or (throw "the lock file has wheels for Python ${lib.concatStringsSep ", " (builtins.attrNames wheels)}, and the package set has Python ${python.pythonVersion}");
  files = map (each: pkgs.fetchurl { inherit (each) url hash name; }) chosen;
  # What a wheel for every Linux (manylinux) expects to find there.
  libraries = [
    (lib.getLib pkgs.gcc-unwrapped)
    (lib.getLib pkgs.zlib)
    pkgs.glibc
  ];
in
{
  names = map (each: each.package) chosen;
  environment =
    pkgs.runCommand "${name}-python-packages"
      {
        nativeBuildInputs = [ pkgs.patchelf ];
        wheels = map toString files;
        passAsFile = [ "wheels" ];
      }
      ''
        ${python}/bin/python3 -I -B ${./install-wheels.py} "$out" ${python} ${python.pythonVersion} \
          ${lib.makeLibraryPath libraries} $(cat $wheelsPath)
        ${python}/bin/python3 -I -B -m compileall -q --invalidation-mode unchecked-hash $out/lib || true
      '';
}
