"""Makes a module cache of what a go.sum names, from a module proxy: `go-modules.py FILES PROXY OUT`.

Each file has to have the hash that go.sum has of it, which is Go's own: it is over the contents of an archive, not over
its bytes. So it is the contents that are kept, and what comes of a go.sum is the same from whichever proxy, and with
whichever Go.
"""

import base64
import hashlib
import http.client
import json
import os
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor

AT_ONCE = 8
TRIES = 3
ANSWER_SECONDS = 60
MIB = 1024 * 1024
# Go's own limits: of an archive and of what is in it, and of a go.mod.
MOST_BYTES = {"zip": 500 * MIB, "mod": 16 * MIB}
# What reading an archive throws that is none, or not one of files in folders.
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    UnicodeError,
    FileExistsError,
    NotADirectoryError,
    IsADirectoryError,
)


class Problem(Exception):
    """Ends the fetch; the first word is for SkyPanel."""


def escaped(text):
    """As proxies and caches write capital letters, for file systems that do not tell them apart."""
    return "".join("!" + each.lower() if each.isupper() else each for each in text)


def named(file):
    return f"{file['path']} {file['version']}"


def hash_of(digests):
    """Go's `h1:` of files by their names, with their SHA-256 in hexadecimal."""
    text = "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items()))
    return "h1:" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def check(file, digests):
    found = hash_of(digests)
    if found != file["sum"]:
        raise Problem(
            f"lock-mismatch: {file['file']}, line {file['line']}: the module proxy has another {named(file)}: "
            f"{found}, and {file['file']} says {file['sum']}"
        )


def copy(source, target, most, file):
    """Copies to its end, and gives the SHA-256 and the size."""
    digest = hashlib.sha256()
    size = 0
    while chunk := source.read(MIB):
        size += len(chunk)
        if size > most:
            raise Problem(f"fetch-failed: {named(file)}: it is larger than Go allows a module to be")
        digest.update(chunk)
        target.write(chunk)
    return digest.hexdigest(), size


def download(proxy, file, target):
    """Writes it to `target`, and gives its SHA-256. What may pass is tried again."""
    url = f"{proxy}/{escaped(file['path'])}/@v/{escaped(file['version'])}.{file['kind']}"
    for attempt in range(1, TRIES + 1):
        target.seek(0)
        target.truncate()
        try:
            with urllib.request.urlopen(url, timeout=ANSWER_SECONDS) as answer:
                digest, size = copy(answer, target, MOST_BYTES[file["kind"]], file)
                if str(size) != answer.headers.get("Content-Length", str(size)):
                    raise OSError("its answer was cut off")
                return digest
        except urllib.error.HTTPError as error:
            if error.code in (404, 410):
                raise Problem(f"fetch-failed: {named(file)}: the module proxy does not have it ({error.code})")
            reason = f"the module proxy answers {error.code}"
        except urllib.error.URLError as error:
            reason = f"the module proxy cannot be reached: {error.reason}"
        except (OSError, http.client.HTTPException) as error:
            reason = f"the module proxy did not answer to the end: {error}"
        if attempt < TRIES:
            time.sleep(attempt)
    raise Problem(f"fetch-failed: {named(file)}: {reason}")


def place_of(name, file, seen):
    """Where a file of the archive belongs, below the module's own folder."""
    start = f"{file['path']}@{file['version']}/"
    parts = name.removeprefix(start).split("/")
    if not name.startswith(start) or name in seen or any(part in ("", ".", "..") for part in parts):
        raise Problem(
            f"lock-mismatch: {file['file']}, line {file['line']}: "
            f"the module proxy's archive of {named(file)} has a file {name[:200]!a}"
        )
    return parts


def extract(archive, folder, file):
    """Unpacks the archive and gives the hash of each of its files."""
    digests = {}
    left = MOST_BYTES["zip"]
    for entry in archive.infolist():
        name = entry.filename
        if name.endswith("/"):
            digests[name] = hashlib.sha256().hexdigest()
            continue
        target = os.path.join(folder, *place_of(name, file, digests))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with archive.open(entry) as source, open(target, "xb") as kept:
            digests[name], size = copy(source, kept, left, file)
            left -= size
    return digests


def keep(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as kept:
        kept.write(content)


def fetch(proxy, out, file):
    path, version = escaped(file["path"]), escaped(file["version"])
    known = os.path.join(out, "cache", "download", path, "@v", version)
    with tempfile.TemporaryFile() as target:
        digest = download(proxy, file, target)
        target.seek(0)
        if file["kind"] == "mod":
            check(file, {"go.mod": digest})
            return keep(f"{known}.mod", target.read())
        print(named(file), flush=True)
        try:
            with zipfile.ZipFile(target, metadata_encoding="utf-8") as archive:
                check(file, extract(archive, os.path.join(out, f"{path}@{version}"), file))
        except UNREADABLE as error:
            raise Problem(
                f"lock-mismatch: {file['file']}, line {file['line']}: "
                f"what the module proxy has as {named(file)} is no archive of it: {error}"
            )
        keep(f"{known}.ziphash", file["sum"].encode())


def main(files, proxy, out):
    os.makedirs(os.path.join(out, "cache", "download"))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        fetched = [pool.submit(fetch, proxy, out, file) for file in files]
        try:
            for each in fetched:
                each.result()
        except Problem as problem:
            pool.shutdown(cancel_futures=True)
            sys.exit(str(problem))


with open(sys.argv[1], encoding="utf-8") as text:
    main(json.load(text), sys.argv[2].rstrip("/"), sys.argv[3])
