# A Python service from requirements.txt or pyproject.toml. Written for nixpkgs.
# Its packages are the wheels of its lock file, or the package set's; together they are a store path of their own, beside
# the source.
{
  pkgs,
  src,
  name ? null,
  version ? null,
  # The command line that starts the service (a Procfile's `web`); else pyproject.toml's first script, else what
  # `startOf` recognises.
  start ? null,
  # The command line that builds, such as assets; null when nothing is built.
  buildCommand ? null,
  # Lines of a requirements.txt that come from files which are not read here (Pipfile.lock, setup.cfg).
  requirements ? [ ],
  # The wheels of its lock file, by Python; null takes packages of the package set.
  wheels ? null,
  ...
}:
let
  inherit (pkgs) lib;
  command = import ./start-command.nix { inherit lib; };
  fromSet = import ./python-requirements.nix { inherit pkgs; } src requirements;
  fromLock = import ./python-wheels.nix {
    inherit pkgs wheels;
    name = serviceName;
  };
  packageNames = if wheels == null then fromSet.names else fromLock.names;
  notes = lib.optionals (wheels == null) fromSet.notes;
  has = file: builtins.pathExists (src + "/${file}");
  uses = package: builtins.elem package packageNames;

  project =
    if has "pyproject.toml" then
      (builtins.fromTOML (builtins.readFile (src + "/pyproject.toml"))).project or { }
    else
      { };
  serviceName =
    if name != null then name else lib.strings.sanitizeDerivationName (project.name or "app");
  serviceVersion = if version != null then version else project.version or "0.0.0";

  environment =
    if wheels == null then pkgs.python3.withPackages (_: fromSet.packages) else fromLock.environment;

  scripts = builtins.attrValues (project.scripts or { });
  entryPoint = lib.splitString ":" (builtins.head scripts);
  module = lib.findFirst (each: has "${each}.py") null [
    "wsgi"
    "app"
    "main"
  ];
  startText =
    if start != null then
      start
    else if scripts != [ ] then
      "python3 -c 'from ${builtins.head entryPoint} import ${lib.last entryPoint} as main; main()'"
    else if module != null && uses "gunicorn" then
      "gunicorn ${lib.optionalString (!(has "gunicorn.conf.py")) "--bind 0.0.0.0:$PORT "}${module}:app"
    else if module != null && uses "uvicorn" then
      "uvicorn ${module}:app --host 0.0.0.0 --port $PORT"
    else if module != null then
      "python3 ${module}.py"
    else if has "manage.py" then
      "python3 manage.py runserver --noreload 0.0.0.0:$PORT"
    else
      throw "nothing says how to start: add a Procfile with a `web` line, or a file main.py, app.py or wsgi.py";

  # Without a shell in between, and without one in the closure: Python runs the file, or the module of that program.
  launch =
    program: arguments: run:
    ''
      #!${environment}/bin/python3
      import os, runpy, sys
      os.environ.setdefault("PYTHONUNBUFFERED", "1")
      sys.stdout.reconfigure(line_buffering=True)
      os.chdir("@folder@")
      sys.path[0] = "@folder@"${lib.optionalString (has "src") ''

        sys.path.insert(1, "@folder@/src")''}
      sys.argv = ${builtins.toJSON ([ program ] ++ arguments)}
      ${run}
    '';
  launchFile =
    arguments:
    if arguments == [ ] || lib.hasPrefix "-" (builtins.head arguments) then
      null
    else
      launch "@folder@/${builtins.head arguments}" (builtins.tail arguments) ''runpy.run_path(sys.argv[0], run_name="__main__")'';
  launchModule =
    module: arguments:
    launch module arguments ''runpy.run_module("${module}", run_name="__main__", alter_sys=True)'';
in
pkgs.stdenvNoCC.mkDerivation {
  pname = serviceName;
  version = serviceVersion;
  src = lib.cleanSourceWith {
    src = lib.cleanSource src;
    filter =
      path: _:
      !(builtins.elem (baseNameOf path) [
        "__pycache__"
        ".venv"
        "venv"
      ]);
    name = "source";
  };
  dontConfigure = true;
  dontFixup = true;

  buildPhase = ''
    runHook preBuild
    ${lib.concatMapStrings (note: "echo ${lib.escapeShellArg note}\n") notes}
    ${lib.optionalString (buildCommand != null) ''
      (
        export HOME=$TMPDIR PATH=${environment}/bin:$PATH PYTHONPATH=$PWD${lib.optionalString (has "src") ":$PWD/src"}
        ${buildCommand}
      )
    ''}
    runHook postBuild
  '';

  installPhase = ''
    runHook preInstall
    app=$out/lib/${serviceName}
    mkdir -p $app
    cp -r . $app/
    ${environment}/bin/python3 -m compileall -q --invalidation-mode unchecked-hash $app
    ${command.install {
      inherit (pkgs) runtimeShell;
      program = serviceName;
      text = startText;
      folder = "$app";
      path = [ "${environment}/bin" ];
      environment = {
        PYTHONUNBUFFERED = "1";
        PYTHONPATH = if has "src" then "@folder@:@folder@/src" else "@folder@";
      };
      launchers = {
        python = launchFile;
        python3 = launchFile;
      }
      // lib.optionalAttrs (uses "gunicorn") { gunicorn = launchModule "gunicorn"; }
      // lib.optionalAttrs (uses "uvicorn") { uvicorn = launchModule "uvicorn"; };
    }}
    runHook postInstall
  '';

  meta.mainProgram = serviceName;
}
