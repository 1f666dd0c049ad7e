"""Installs a project in pure Python from the current folder: OUT SITE_PACKAGES INTERPRETER

Reads pyproject.toml ([project] of PEP 621; setuptools' package tables) or a setup.py/setup.cfg that calls setuptools.
"""

import configparser
import os
import re
import shutil
import sys
import tomllib

out, site, interpreter = sys.argv[1:]
SKIPPED = {"tests", "test", "docs", "examples", "build", "dist", "venv", "node_modules", "__pycache__"}


def fail(text):
    sys.exit(f"error: {text}")


def read_project():
    """Gives (name, version, entry points, where the packages are)."""
    if os.path.exists("pyproject.toml"):
        with open("pyproject.toml", "rb") as file:
            document = tomllib.load(file)
        project = document.get("project") or document.get("tool", {}).get("poetry")
        if project:
            return project.get("name", "app"), str(project.get("version", "0")), project.get("scripts", {})
    if os.path.exists("setup.cfg"):
        config = configparser.ConfigParser()
        config.read("setup.cfg")
        if config.has_section("metadata"):
            text = config.get("options.entry_points", "console_scripts", fallback="")
            return config.get("metadata", "name", fallback="app"), config.get(
                "metadata", "version", fallback="0"
            ), dict(part.split("=", 1) for part in text.replace(" ", "").splitlines() if part)
    if os.path.exists("setup.py"):
        return read_setup_py()
    fail("there is neither a [project] in pyproject.toml nor a setup.py")


def read_setup_py():
    """Runs setup.py with a setup() that only remembers its arguments."""
    import types

    given = {}
    fake = types.ModuleType("setuptools")
    fake.setup = lambda **arguments: given.update(arguments)
    fake.find_packages = lambda *_, **__: []
    fake.find_namespace_packages = fake.find_packages
    sys.modules["setuptools"] = sys.modules["distutils.core"] = fake
    with open("setup.py") as file:
        exec(compile(file.read(), "setup.py", "exec"), {"__name__": "__main__", "__file__": "setup.py"})
    points = given.get("entry_points") or {}
    lines = points.get("console_scripts", []) if isinstance(points, dict) else []
    return (
        given.get("name", "app"),
        str(given.get("version", "0")),
        dict(part.split("=", 1) for part in (line.replace(" ", "") for line in lines)),
    )


def modules():
    """Top-level packages and modules, in src/ if there is one, else in the project's own folder."""
    root = "src" if os.path.isdir("src") else "."
    for name in sorted(os.listdir(root)):
        path = os.path.join(root, name)
        if name.startswith(".") or name in SKIPPED or name.endswith(".egg-info"):
            continue
        holds_python = os.path.isdir(path) and any(each.endswith(".py") for each in os.listdir(path))
        if holds_python or (name.endswith(".py") and name not in ("setup.py", "conftest.py")):
            yield path


name, version, scripts = read_project()
os.makedirs(site)
for path in modules():
    target = os.path.join(site, os.path.basename(path))
    if os.path.isdir(path):
        shutil.copytree(path, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(path, target)

metadata = os.path.join(site, f"{re.sub('[-_.]+', '_', name)}-{version}.dist-info")
os.makedirs(metadata)
with open(os.path.join(metadata, "METADATA"), "w") as file:
    file.write(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")

for script, point in scripts.items():
    module, _, function = point.partition(":")
    path = os.path.join(out, "bin", script)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(
            f"#!{interpreter}\nimport sys\nsys.path.insert(0, {site!r})\n"
            f"from {module} import {function.split('.')[0]}\nsys.exit({function or 'main'}())\n"
        )
    os.chmod(path, 0o755)
