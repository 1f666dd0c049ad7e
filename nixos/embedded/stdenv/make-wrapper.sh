# Setup hook: makeWrapper and wrapProgram, with the options of nixpkgs' makeWrapper.

assertExecutable() {
  [[ -x $1 ]] || { nixErrorLog "cannot wrap '$1': it is not an executable file"; return 1; }
}

# makeWrapper EXECUTABLE OUT_PATH ARGS…
makeWrapper() {
  local original=$1 wrapper=$2 flags= before= after= argv0='"$0"' inherit=
  shift 2
  assertExecutable "$original"
  mkdir -p "${wrapper%/*}"
  local script="#!@shell@ -e"$'\n'
  _line() { script+="$1"$'\n'; }
  while (($# > 0)); do
    case $1 in
    --set) _line "export $2=$(printf %q "$3")"; shift 3 ;;
    --set-default) _line "export $2=\${$2-$(printf %q "$3")}"; shift 3 ;;
    --unset) _line "unset $2"; shift 2 ;;
    --chdir) _line "cd $(printf %q "$2")"; shift 2 ;;
    --run) _line "$2"; shift 2 ;;
    --prefix) _line "export $2=$(printf %q "$4")\${$2:+$(printf %q "$3")}\${$2-}"; shift 4 ;;
    --suffix) _line "export $2=\${$2-}\${$2:+$(printf %q "$3")}$(printf %q "$4")"; shift 4 ;;
    --prefix-each | --suffix-each)
      local each
      for each in $4; do
        if [[ $1 == --prefix-each ]]; then _line "export $2=$(printf %q "$each")\${$2:+$(printf %q "$3")}\${$2-}"
        else _line "export $2=\${$2-}\${$2:+$(printf %q "$3")}$(printf %q "$each")"; fi
      done
      shift 4
      ;;
    --add-flag) before+=" $(printf %q "$2")"; shift 2 ;;
    --append-flag) after+=" $(printf %q "$2")"; shift 2 ;;
    --add-flags) before+=" $2"; shift 2 ;;
    --append-flags) after+=" $2"; shift 2 ;;
    --argv0) argv0=$(printf %q "$2"); shift 2 ;;
    --inherit-argv0) argv0='"$0"'; inherit=1; shift ;;
    --resolve-argv0) shift ;;
    *) nixErrorLog "makeWrapper doesn't understand the arg $1"; return 1 ;;
    esac
  done
  if [[ -n $inherit || $argv0 != '"$0"' ]]; then script+="exec -a $argv0 "; else script+="exec "; fi
  script+="$(printf %q "$original")$before \"\$@\"$after"$'\n'
  printf '%s' "$script" >"$wrapper"
  chmod +x "$wrapper"
}
makeShellWrapper() { makeWrapper "$@"; }
makeBinaryWrapper() { makeWrapper "$@"; }

# wrapProgram PROGRAM ARGS…: the program moves to .NAME-wrapped beside it.
wrapProgram() {
  local program=$1 hidden
  shift
  assertExecutable "$program"
  hidden=${program%/*}/.${program##*/}-wrapped
  while [[ -e $hidden ]]; do hidden+=_; done
  mv "$program" "$hidden"
  makeWrapper "$hidden" "$program" --inherit-argv0 "$@"
}
wrapProgramShell() { wrapProgram "$@"; }
wrapProgramBinary() { wrapProgram "$@"; }
