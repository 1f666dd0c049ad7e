# Makes $out/bin/<program> from a command line such as a Procfile's `web`. Written for nixpkgs.
{ lib }:
let
  plainWord = "[A-Za-z0-9_./:@%+=,-]+";
  isPlain = text: builtins.match "${plainWord}( +${plainWord})*" text != null;
  words = text: builtins.filter (word: word != "") (lib.splitString " " text);

  # The last command takes the place of the shell, so that it is the process that gets SIGTERM.
  withExec =
    text:
    let
      parts = builtins.match "(.*&& *)?(([A-Za-z_][A-Za-z0-9_]*=[^ ]* +)*)([^&|;<>()]+)" text;
      before = builtins.elemAt parts 0;
      isOneLine = parts != null && !(lib.hasPrefix "exec " (builtins.elemAt parts 3));
    in
    if isOneLine && (before == null || builtins.match "[^|;<>()]*" before != null) then
      "${lib.optionalString (before != null) before}${builtins.elemAt parts 1}exec ${builtins.elemAt parts 3}"
    else
      text;
in
{
  # Shell text for an installPhase. `folder` is where the service is started, as the shell sees it in the build;
  # `launchers.<command> folder words` may give a launcher that needs no shell, or null.
  install =
    {
      program,
      text,
      folder,
      path,
      runtimeShell,
      environment ? { },
      launchers ? { },
    }:
    let
      list = words text;
      command = builtins.head list;
      direct =
        if isPlain text && launchers ? ${command} then launchers.${command} (builtins.tail list) else null;
      viaShell = ''
        #!${runtimeShell}
        cd "@folder@" || exit 1
        ${lib.concatStrings (lib.mapAttrsToList (name: value: "export ${name}=\"${value}\"\n") environment)}export PATH="${lib.concatStringsSep ":" path}''${PATH:+:$PATH}"
        ${withExec text}
      '';
    in
    if list == [ ] then
      throw "the start command is empty"
    else
      ''
        mkdir -p $out/bin
        cat >$out/bin/${program} <<'START_COMMAND_ENDS_HERE'
        ${if direct != null then direct else viaShell}
        START_COMMAND_ENDS_HERE
        substituteInPlace $out/bin/${program} --replace-quiet '@folder@' "${folder}"
        chmod +x $out/bin/${program}
      '';
}
