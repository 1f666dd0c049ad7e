"""Joins Python modules into one environment: OUT INTERPRETER VERSION MODULE…

A folder that one package alone has becomes one link; a folder of several (a namespace package, bin) is made and filled.
"""

import os
import shutil
import sys

out, interpreter, version, *modules = sys.argv[1:]


def link(sources, target):
    """Links every name in the folders `sources` into `target`; the first folder that has a name wins."""
    owners = {}
    for source in sources:
        for name in sorted(os.listdir(source)):
            owners.setdefault(name, []).append(os.path.join(source, name))
    os.makedirs(target, exist_ok=True)
    for name, paths in owners.items():
        destination = os.path.join(target, name)
        folders = [path for path in paths if os.path.isdir(path)]
        if len(folders) > 1 and len(folders) == len(paths):
            link(folders, destination)
        elif not os.path.lexists(destination):
            os.symlink(os.path.realpath(paths[0]), destination)


def site_packages(module):
    """Where a package has its modules: in site-packages, or, like distutils, beside the standard library."""
    library = os.path.join(module, "lib", f"python{version}")
    if not os.path.isdir(library):
        return []
    site = os.path.join(library, "site-packages")
    found = [site] if os.path.isdir(site) else []
    return found + ([library] if set(os.listdir(library)) - {"site-packages"} else [])


library = os.path.join(out, "lib", f"python{version}", "site-packages")
link([folder for module in modules for folder in site_packages(module)], library)
if os.path.islink(os.path.join(library, "site-packages")):
    os.unlink(os.path.join(library, "site-packages"))

programs = os.path.join(out, "bin")
os.makedirs(programs)
for name in ("python", "python3", f"python{version}"):
    os.symlink(os.path.join(interpreter, "bin", f"python{version}"), os.path.join(programs, name))

with open(os.path.join(out, "pyvenv.cfg"), "w") as config:
    config.write(f"home = {interpreter}/bin\ninclude-system-site-packages = false\nversion = {version}\n")

for module in modules:
    folder = os.path.join(module, "bin")
    if not os.path.isdir(folder):
        continue
    for name in sorted(os.listdir(folder)):
        source, target = os.path.join(folder, name), os.path.join(programs, name)
        if os.path.lexists(target):
            continue
        with open(source, "rb") as file:
            content = file.read()
        first, _, rest = content.partition(b"\n")
        if first.startswith(b"#!") and b"python" in first:
            with open(target, "wb") as file:
                file.write(b"#!" + programs.encode() + b"/python3\n" + rest)
            shutil.copymode(source, target)
        else:
            os.symlink(source, target)
