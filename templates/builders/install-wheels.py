"""Installs wheels without pip into an environment of their own: OUT INTERPRETER VERSION LIBRARIES WHEEL…

As PEP 427 says: what is in a wheel is unpacked, programs get this environment's Python, and nothing is run. LIBRARIES
(folders, separated by colons) are where compiled parts find what they expect of every Linux.
"""

import configparser
import os
import shutil
import subprocess
import sys
import zipfile

out, interpreter, version, libraries, *wheels = sys.argv[1:]
programs = os.path.join(out, "bin")
site = os.path.join(out, "lib", f"python{version}", "site-packages")
schemes = {"purelib": site, "platlib": site, "scripts": programs, "data": out}
python = os.path.join(programs, "python3")


def place_of(name, wheel):
    """Where a file of a wheel goes; None for C headers."""
    first, _, rest = name.partition("/")
    base, rest = (site, name) if not first.endswith(".data") else (schemes.get(rest.split("/", 1)[0]), rest.partition("/")[2])
    if base is None:
        return None
    place = os.path.normpath(os.path.join(base, rest))
    if os.path.commonpath([base, place]) != base or place == base:
        sys.exit(f"error: the wheel {os.path.basename(wheel)} has a file that leads out of it: {name}")
    return place


def write_program(name, text):
    if name != os.path.basename(name) or name in ("", ".", ".."):
        return
    path = os.path.join(programs, name)
    with open(path, "wb") as file:
        file.write(text)
    os.chmod(path, 0o755)


def entry_points(text):
    parser = configparser.RawConfigParser(delimiters=("=",), strict=False)
    parser.optionxform = str
    parser.read_string(text)
    for section in ("console_scripts", "gui_scripts"):
        for name, point in parser.items(section) if parser.has_section(section) else []:
            module, _, attribute = point.split("[")[0].strip().partition(":")
            if all(part.isidentifier() for part in f"{module}.{attribute}".split(".")):
                first = attribute.split(".")[0]
                write_program(
                    name,
                    f"#!{python}\nimport sys\nfrom {module} import {first}\nsys.exit({attribute}())\n".encode(),
                )


def install(wheel):
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            path = None if entry.is_dir() else place_of(entry.filename, wheel)
            if path is None:
                continue
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with archive.open(entry) as source, open(path, "wb") as target:
                shutil.copyfileobj(source, target)
            if os.path.dirname(path) == programs:
                with open(path, "rb") as file:
                    first, _, rest = file.read().partition(b"\n")
                if first.startswith(b"#!python"):
                    write_program(os.path.basename(path), f"#!{python}\n".encode() + rest)
            if (entry.external_attr >> 16) & 0o111 or os.path.dirname(path) == programs:
                os.chmod(path, 0o755)
        for name in archive.namelist():
            if name.count("/") == 1 and name.endswith(".dist-info/entry_points.txt"):
                entry_points(archive.read(name).decode())


def patchelf(*arguments):
    found = subprocess.run(["patchelf", *arguments], capture_output=True, text=True)
    return found.stdout.strip() if found.returncode == 0 else ""


def link_compiled(path, loader):
    """There is no /lib: a program names this loader, and who wants a library of every Linux finds it."""
    if patchelf("--print-interpreter", path):
        patchelf("--set-interpreter", loader, path)
    needed = patchelf("--print-needed", path).split()
    has = lambda folder: any(os.path.exists(os.path.join(folder, library)) for library in needed)
    folders = [folder for folder in libraries.split(":") if has(folder)]
    if folders:
        patchelf("--add-rpath", ":".join(folders), path)


os.makedirs(programs)
os.makedirs(site)
for name in ("python", "python3", f"python{version}"):
    os.symlink(os.path.join(interpreter, "bin", f"python{version}"), os.path.join(programs, name))
with open(os.path.join(out, "pyvenv.cfg"), "w") as config:
    config.write(f"home = {interpreter}/bin\ninclude-system-site-packages = false\nversion = {version}\n")
for wheel in wheels:
    install(wheel)
loader = patchelf("--print-interpreter", os.path.realpath(python))
for folder, _, names in os.walk(out):
    for name in names:
        path = os.path.join(folder, name)
        if os.path.islink(path):
            continue
        with open(path, "rb") as file:
            magic = file.read(4)
        if magic == b"\x7fELF":
            link_compiled(path, loader)
