# Python from Debian, and nixpkgs' python3Packages with those libraries that Debian has.
{
  lib,
  pkgs,
  wanted,
  debian,
  fromDebian,
}:
let
  pythonVersion = "3.11";
  sitePackages = "lib/python${pythonVersion}/site-packages";

  # Bytecode that is checked by nobody at run time: the root of a container is read-only, and times in the store are all 1.
  # -B: an interpreter that runs as root could write the bytecode of what it imports into its own, finished path.
  compile = interpreter: folder: ''
    ${interpreter} -B -m compileall -q --invalidation-mode unchecked-hash ${folder} || true
  '';

  interpreter = fromDebian "python3" {
    mainProgram = "python3";
    inherit pythonVersion;
    arrange = ''
      rm -rf $out/share $out/etc $out/lib/valgrind $out/lib/binfmt.d
      cd $out/lib/python${pythonVersion}
      rm -f lib-dynload/nis.* lib-dynload/ossaudiodev.* lib-dynload/_dbm.*
      rm -rf idlelib test turtledemo tkinter lib2to3 ensurepip distutils config-* pydoc_data sitecustomize.py EXTERNALLY-MANAGED
      mkdir -p site-packages
      cd $out/bin
      rm -f pdb* pydoc* pygettext* 2to3* idle*
      ln -sf python${pythonVersion} python3
      ln -sf python${pythonVersion} python
      cd /build
    '';
    finish = compile "$out/bin/python3 -I" "$out/lib/python${pythonVersion}";
  };

  # A Debian package of Python modules as a store path; its own dependencies are in requiredPythonModules.
  moduleOf =
    debName:
    let
      path = debian.unpack {
        pname = "python${pythonVersion}-${lib.removePrefix "python3-" debName}";
        debs = [ debName ] ++ wanted.pythonPrograms.${debName} or [ ];
        inherit pythonVersion;
        python = "${interpreter}/bin/python3";
        drop = "usr/share";
        finish = ''
          rm -rf $out/${sitePackages}/*/tests
          ${compile "${interpreter}/bin/python3 -I" "$out/lib"}
        '';
      };
    in
    path
    // {
      pythonModule = interpreter;
      inherit debName;
      passthru.debName = debName;
      meta.mainProgram = lib.removePrefix "python3-" debName;
      overridePythonAttrs = _: throw "python3Packages of the embedded set are Debian's and can not be overridden";
    };
  modules = builtins.mapAttrs (name: _: moduleOf name) (
    lib.filterAttrs (name: _: lib.hasPrefix "python3-" name) debian.names
  );

  closureOf =
    packages:
    let
      byName = builtins.genericClosure {
        startSet = map (package: {
          key = package.debName or "${package}";
          inherit package;
        }) packages;
        operator =
          item:
          map (package: {
            key = package.debName or "${package}";
            inherit package;
          }) (dependenciesOf item.package);
      };
    in
    map (item: item.package) byName;
  dependenciesOf =
    package:
    if package ? debName then
      map (name: modules.${name}) (
        builtins.filter (name: modules ? ${name}) debian.names.${package.debName}.depends
      )
    else
      builtins.filter (each: each ? pythonModule) (package.dependencies or package.propagatedBuildInputs or [ ]);

  named =
    builtins.mapAttrs (_: debName: modules.${debName}) (
      lib.filterAttrs (_: debName: modules ? ${debName}) wanted.python
    );

  # As a virtual environment: python3 finds its modules by the pyvenv.cfg beside its folder, with no variable set.
  withPackages =
    choose:
    let
      chosen = if builtins.isFunction choose then choose pythonPackages else choose;
      all = closureOf (builtins.filter (each: each != null) (lib.flatten chosen));
    in
    pkgs.runCommand "python3-${interpreter.version}-env"
      {
        modules = map toString all;
        meta.mainProgram = "python3";
        passthru = {
          inherit interpreter;
          python = interpreter;
          inherit sitePackages;
        };
      }
      ''
        ${interpreter}/bin/python3 -I ${./make-environment.py} "$out" ${interpreter} ${pythonVersion} $modules
      '';

  buildPythonApplication = import ./build-application.nix {
    inherit
      lib
      pkgs
      interpreter
      sitePackages
      withPackages
      ;
  };

  pythonPackages = named // {
    python = python3;
    inherit buildPythonApplication;
    buildPythonPackage = buildPythonApplication;
    toPythonModule = package: package // { pythonModule = interpreter; };
    toPythonApplication = package: package;
    makePythonPath = packages: lib.makeSearchPath sitePackages (closureOf packages);
    requiredPythonModules = closureOf;
    inherit sitePackages;
    callPackage = lib.callPackageWith (pkgs // pythonPackages);
  };

  python3 = interpreter // {
    pkgs = pythonPackages;
    inherit withPackages sitePackages pythonVersion;
    buildEnv.override =
      {
        extraLibs ? [ ],
        ...
      }:
      withPackages (_: extraLibs);
    interpreter = "${interpreter}/bin/python3";
    executable = "python3";
    libPrefix = "python${pythonVersion}";
    implementation = "cpython";
  };
in
{
  inherit python3;
  python3Packages = pythonPackages;
}
