# remember WORDS: a line of the record that `uninstall` works by.
remember() {
  grep -qxF "$*" "$record" 2>/dev/null || printf '%s\n' "$*" >>"$record"
}

# put FILE MODE: the file becomes what comes in, in one step.
put() {
  mkdir -p "$(dirname "$1")"
  rm -f "$1.new"
  (umask 077 && cat >"$1.new")
  chmod "$2" "$1.new"
  mv "$1.new" "$1"
}

# take PATH SHA256 FILE MODE: a file from the platform, which must have that hash.
take() {
  ! has_sha256 "$3" "$2" || return 0
  fetch "$control_plane$1" "$staging/file" ||
    fail "The platform does not give $1." \
      "If it was upgraded a moment ago, its script is another one now: paste the command again."
  case $1 in
    */runtime/*)
      mv "$staging/file" "$staging/file.gz"
      gzip -dc <"$staging/file.gz" | head -c "$runtime_bytes_most" >"$staging/file"
      rm "$staging/file.gz"
      ;;
  esac
  has_sha256 "$staging/file" "$2" ||
    fail "What came from $control_plane$1 has another hash than the script says; it is not used." \
      "Somebody between here and the platform may have changed it. Use https, or look into that network."
  mkdir -p "$(dirname "$3")"
  chmod "$4" "$staging/file"
  mv "$staging/file" "$3"
}

install_runtime() {
  take "$runtime_path" "$runtime_sha256" "$library/$runtime" 755
  "$library/$runtime" --version >/dev/null ||
    fail "$library/$runtime does not run on this machine." "Choose the other runtime for this installation."
}

install_agent() {
  take "$agent_path" "$agent_sha256" "$data/agent/versions/$agent_sha256.mjs" 600
  take "$launcher_path" "$launcher_sha256" "$library/launcher.mjs" 644
  # This version was asked for by a person: it counts as tried, whatever was before.
  rm -f "$data/agent/next" "$data/agent/failed"
  printf '%s\n' "$agent_sha256" | put "$data/agent/current" 600
}

# A builder needs the templates and the embedded package set; both are in the platform's flake.
install_sources() {
  case $roles in
    *builder*) ;;
    *) return 0 ;;
  esac
  [ "$(cat "$library/source/.sha256" 2>/dev/null)" != "$flake_sha256" ] || return 0
  take "$flake_path" "$flake_sha256" "$staging/flake.tar" 600
  rm -rf "$library/source.new"
  mkdir "$library/source.new"
  gzip -dc <"$staging/flake.tar" | tar --extract --directory "$library/source.new" --strip-components 1
  printf '%s\n' "$flake_sha256" >"$library/source.new/.sha256"
  rm -rf "$library/source"
  mv "$library/source.new" "$library/source"
}
