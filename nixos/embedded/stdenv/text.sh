# Part of the standard build environment: changing texts and first lines of scripts.

substituteStream() {
  local var=$1 description=$2
  shift 2
  local text before
  while (($# > 0)); do
    before=${!var}
    case $1 in
    --replace | --replace-fail | --replace-warn | --replace-quiet)
      text=${before//"$2"/"$3"}
      if [[ $text == "$before" && $1 != --replace-quiet ]]; then
        nixWarnLog "pattern $2 is not in $description"
        [[ $1 != --replace-fail ]] || return 1
      fi
      printf -v "$var" '%s' "$text"
      shift 3
      ;;
    --subst-var) printf -v "$var" '%s' "${before//"@$2@"/"${!2}"}"; shift 2 ;;
    --subst-var-by) printf -v "$var" '%s' "${before//"@$2@"/"$3"}"; shift 3 ;;
    *) nixErrorLog "substitute does not know $1"; return 1 ;;
    esac
  done
  printf '%s' "${!var}"
}
substitute() {
  local input=$1 output=$2 _content
  shift 2
  [[ -f $input ]] || { nixErrorLog "substitute: $input is not there"; return 1; }
  IFS= read -rd '' _content <"$input" || true
  substituteStream _content "file '$input'" "$@" >"$output.substituted"
  cat "$output.substituted" >"$output"
  rm "$output.substituted"
}
substituteInPlace() {
  local -a files=()
  while [[ $# -gt 0 && $1 != --* ]]; do files+=("$1"); shift; done
  local file
  for file in "${files[@]}"; do substitute "$file" "$file" "$@"; done
}
substituteAll() {
  local -a arguments=()
  local name
  while IFS= read -r name; do arguments+=(--subst-var "$name"); done < <(compgen -e | grep -E '^[a-z][a-zA-Z0-9_]*$')
  substitute "$1" "$2" "${arguments[@]}"
}
substituteAllInPlace() { substituteAll "$1" "$1"; }

patchShebangs() {
  local path file line program arguments found
  for path in "$@"; do
    case $path in --host | --build | --update) continue ;; esac
    while IFS= read -rd '' file; do
      IFS= read -r line <"$file" || [[ -n $line ]] || continue
      [[ $line == "#!"* ]] || continue
      read -r program arguments <<<"${line#\#!}"
      [[ $program != "$NIX_STORE"/* ]] || continue
      if [[ $program == */env ]]; then
        [[ $arguments != "-S "* ]] || arguments=${arguments#-S }
        program=${arguments%% *}
        if [[ $arguments == *" "* ]]; then arguments=${arguments#* }; else arguments=; fi
      fi
      found=$(type -P "${program##*/}") || continue
      sed -i "1s|.*|#!$found${arguments:+ $arguments}|" "$file"
    done < <(find "$path" -type f -perm -0100 -print0)
  done
}
