# Turns Debian packages ($debs) into one store path laid out as nixpkgs does (bin, lib, share), made to run in a root
# that holds nothing but /nix/store: no /usr, no /lib64, no ld.so.cache. Runs under busybox's sh.
set -eu

root=$PWD/root
mkdir -p "$root" "$out"
for deb in $debs; do dpkg-deb -x "$deb" "$root"; done

# A long-running service reads neither manuals nor translations, and every byte here is pulled by workers.
for unneeded in usr/share/doc usr/share/man usr/share/locale usr/share/info usr/share/lintian usr/share/bug \
  usr/share/bash-completion usr/share/zsh usr/share/fish usr/share/doc-base usr/share/menu usr/share/pixmaps \
  usr/share/applications usr/share/gdb usr/share/apport usr/share/python3 usr/share/gcc usr/lib/debug \
  usr/lib/systemd lib/systemd usr/lib/tmpfiles.d usr/lib/sysusers.d usr/lib/udev lib/udev var etc/init.d etc/default \
  etc/cron.daily etc/logrotate.d etc/ufw etc/pam.d etc/apparmor.d etc/systemd etc/skel ${drop:-}; do
  rm -rf "${root:?}"/$unneeded
done
[ -n "${keepHeaders:-}" ] || rm -rf "$root/usr/include"

# take FROM TO: moves what a Debian folder holds into a folder of $out.
take() {
  [ -d "$root/$1" ] || return 0
  mkdir -p "$out/$2"
  cp -a "$root/$1/." "$out/$2/"
  rm -rf "${root:?}/$1"
}
for folder in bin sbin usr/bin usr/sbin usr/games; do take $folder bin; done
if [ -n "${pythonVersion:-}" ]; then
  take usr/lib/python3/dist-packages "lib/python$pythonVersion/site-packages"
  take "usr/lib/python$pythonVersion/dist-packages" "lib/python$pythonVersion/site-packages"
fi
for folder in lib/x86_64-linux-gnu usr/lib/x86_64-linux-gnu lib usr/lib; do take $folder lib; done
take usr/include include
take usr/share share
take etc etc
chmod -R u+w,a-st "$out"
eval "${arrange:-}"

# Links into /usr and /lib mean the same file here when $out has one of that name; what leads nowhere goes.
find "$out" -type l | while read -r link; do
  [ -e "$link" ] && case $(readlink "$link") in "$out"/* | [!/]*) continue ;; esac
  name=$(basename "$(readlink "$link")")
  if [ "$name" != "$(basename "$link")" ] && [ -e "$(dirname "$link")/$name" ]; then ln -sfn "$name" "$link"; else rm "$link"; fi
done

# A program's libraries by their own name: prints the folder of $out or of a dependency that has it.
folder_of() {
  for package in "$out" $libraries; do
    for folder in "$package/lib" "$package"/lib/*; do
      if [ -e "$folder/$1" ]; then echo "$folder"; return 0; fi
    done
  done
  echo "error: $2 needs $1, which none of its dependencies has" >&2
  return 1
}

patch_program() {
  needed=$($patchelf --print-needed "$1" 2>/dev/null) || return 0
  search=
  for library in $needed; do
    case $library in ld-linux-*) continue ;; esac
    folder=$(folder_of "$library" "$1")
    case ":$search:" in *":$folder:"*) ;; *) search=$search${search:+:}$folder ;; esac
  done
  file=$1
  set --
  if [ -z "${keepSearchPath:-}" ]; then set -- --set-rpath "$search"; fi
  if $patchelf --print-interpreter "$file" >/dev/null 2>&1; then set -- "$@" --set-interpreter "$interpreter"; fi
  $patchelf "$@" "$file"
}

# A program's first line names an interpreter of /usr: use the store's, or leave the program out when it is one we lack.
patch_script() {
  read -r first <"$1" || return 0
  case $first in
  "#!"*/sh* | "#!"*bash*) with=${shell:-} ;;
  "#!"*python*) with=${python:-} ;;
  "#!"*) with= ;;
  *) return 0 ;;
  esac
  if [ -n "$with" ]; then sed -i "1s,.*,#!$with," "$1"; else rm "$1"; fi
}

if [ -z "${keepAsIs:-}" ]; then
  find "$out" -type f \( -perm -0100 -o -name '*.so' -o -name '*.so.*' \) | while read -r file; do
    case $(head -c 4 "$file" | tr '\177' E) in
    EELF) patch_program "$file" ;;
    "#!"*) case $file in "$out"/bin/*) patch_script "$file" ;; esac ;;
    esac
  done
fi
eval "${finish:-}"
find "$out" -depth -type d -exec rmdir {} + 2>/dev/null || true
mkdir -p "$out"
