import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { failure, recognised } from "../testing/trees.ts"
import { markerHolds } from "./Marker.ts"
import { wheelRank } from "./WheelFile.ts"

const hash = `sha256:${"0".repeat(64)}`
const digest = `sha256-${"A".repeat(43)}=`
const pyproject = `[project]
name = "shop"
requires-python = ">=3.11"
dependencies = ["uvicorn[standard]>=0.30", "MarkupSafe", "colorama; sys_platform == 'win32'"]
`
/** As uv 0.8 writes it, with fewer files. */
const uv = `version = 1
revision = 3
requires-python = ">=3.11"

[[package]]
name = "shop"
version = "0.1.0"
source = { virtual = "." }
dependencies = [
    { name = "colorama", marker = "sys_platform == 'win32'" },
    { name = "markupsafe" },
    { name = "uvicorn", extra = ["standard"] },
]

[package.metadata]
requires-dist = [{ name = "markupsafe" }, { name = "uvicorn", extras = ["standard"], specifier = ">=0.30" }]

[[package]]
name = "colorama"
version = "0.4.6"
source = { registry = "https://pypi.org/simple" }
sdist = { url = "https://files.pythonhosted.org/packages/d8/colorama-0.4.6.tar.gz", hash = "${hash}", size = 27697 }

[[package]]
name = "markupsafe"
version = "3.0.2"
source = { registry = "https://pypi.org/simple" }
sdist = { url = "https://files.pythonhosted.org/packages/b2/markupsafe-3.0.2.tar.gz", hash = "${hash}", size = 20537 }
wheels = [
    { url = "https://files.pythonhosted.org/packages/6b/MarkupSafe-3.0.2-cp311-cp311-macosx_11_0_arm64.whl", hash = "${hash}", size = 12392 },
    { url = "https://files.pythonhosted.org/packages/f1/MarkupSafe-3.0.2-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", hash = "${hash}", size = 23800 },
    { url = "https://files.pythonhosted.org/packages/46/MarkupSafe-3.0.2-cp311-cp311-musllinux_1_2_x86_64.whl", hash = "${hash}", size = 21506 },
    { url = "https://files.pythonhosted.org/packages/22/MarkupSafe-3.0.2-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", hash = "${hash}", size = 23091 },
]

[[package]]
name = "httptools"
version = "0.6.4"
source = { registry = "https://pypi.org/simple" }
wheels = [{ url = "https://files.pythonhosted.org/packages/0d/httptools-0.6.4-cp311-cp311-manylinux_2_5_x86_64.manylinux1_x86_64.whl", hash = "${hash}", size = 1 }]

[[package]]
name = "uvicorn"
version = "0.34.0"
source = { registry = "https://pypi.org/simple" }
wheels = [{ url = "https://files.pythonhosted.org/packages/61/uvicorn-0.34.0-py3-none-any.whl", hash = "${hash}", size = 62315 }]

[package.optional-dependencies]
standard = [
    { name = "colorama", marker = "sys_platform == 'win32'" },
    { name = "httptools" },
]
`
/** As Poetry 2.1 writes it. */
const poetry = `[[package]]
name = "colorama"
version = "0.4.6"
description = "Cross-platform colored terminal text."
optional = false
python-versions = "*"
groups = ["main"]
markers = "sys_platform == \\"win32\\""
files = [{file = "colorama-0.4.6.tar.gz", hash = "${hash}"}]

[[package]]
name = "httptools"
version = "0.6.4"
groups = ["main"]
files = [
    {file = "httptools-0.6.4-cp311-cp311-manylinux_2_5_x86_64.manylinux1_x86_64.whl", hash = "${hash}"},
    {file = "httptools-0.6.4-cp39-cp39-win_amd64.whl", hash = "${hash}"},
]

[[package]]
name = "markupsafe"
version = "3.0.2"
groups = ["main"]
files = [
    {file = "MarkupSafe-3.0.2-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", hash = "${hash}"},
    {file = "markupsafe-3.0.2.tar.gz", hash = "${hash}"},
]

[[package]]
name = "uvicorn"
version = "0.34.0"
groups = ["main"]
files = [{file = "uvicorn-0.34.0-py3-none-any.whl", hash = "${hash}"}]

[package.dependencies]
colorama = {version = ">=0.4", optional = true, markers = "sys_platform == \\"win32\\" and extra == \\"standard\\""}
httptools = {version = ">=0.6.3", optional = true, markers = "extra == \\"standard\\""}

[package.extras]
standard = ["colorama (>=0.4) ; sys_platform == \\"win32\\"", "httptools (>=0.6.3)"]

[metadata]
lock-version = "2.1"
python-versions = ">=3.11"
content-hash = "abc"
`
/** As PDM 2.20 writes it. */
const pdm = `[metadata]
groups = ["default"]
strategy = ["inherit_metadata"]
lock_version = "4.5.0"
content_hash = "sha256:abc"

[[package]]
name = "httptools"
version = "0.6.4"
groups = ["default"]
files = [{file = "httptools-0.6.4-cp311-cp311-manylinux_2_5_x86_64.manylinux1_x86_64.whl", hash = "${hash}"}]

[[package]]
name = "markupsafe"
version = "3.0.2"
groups = ["default"]
files = [{file = "MarkupSafe-3.0.2-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", hash = "${hash}"}]

[[package]]
name = "uvicorn"
version = "0.34.0"
groups = ["default"]
dependencies = ["typing-extensions>=4.0; python_version < \\"3.11\\""]
files = [{file = "uvicorn-0.34.0-py3-none-any.whl", hash = "${hash}"}]

[[package]]
name = "uvicorn"
version = "0.34.0"
extras = ["standard"]
groups = ["default"]
dependencies = ["colorama>=0.4; sys_platform == \\"win32\\"", "httptools>=0.6.3", "uvicorn==0.34.0"]
files = [{file = "uvicorn-0.34.0-py3-none-any.whl", hash = "${hash}"}]
`
const pylock = `lock-version = "1.0"
created-by = "pip"
[[packages]]
name = "httptools"
version = "0.6.4"
[[packages.wheels]]
name = "httptools-0.6.4-cp311-cp311-manylinux_2_5_x86_64.manylinux1_x86_64.whl"
url = "https://files.pythonhosted.org/packages/0d/httptools-0.6.4-cp311-cp311-manylinux_2_5_x86_64.manylinux1_x86_64.whl"
[packages.wheels.hashes]
sha256 = "${hash.slice(7)}"
[[packages]]
name = "markupsafe"
version = "3.0.2"
wheels = [{url = "https://files.pythonhosted.org/packages/f1/MarkupSafe-3.0.2-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", hashes = {sha256 = "${hash.slice(7)}"}}]
[[packages]]
name = "uvicorn"
version = "0.34.0"
wheels = [{url = "https://files.pythonhosted.org/packages/61/uvicorn-0.34.0-py3-none-any.whl", hashes = {sha256 = "${hash.slice(7)}"}}]
[[packages]]
name = "colorama"
version = "0.4.6"
marker = "sys_platform == 'win32'"
[[packages]]
name = "pytest"
version = "8"
marker = "\\"dev\\" in dependency_groups"
`

const project = (lock: Record<string, string>) => ({ "pyproject.toml": pyproject, "main.py": "", ...lock })
const wheelsIn = (files: Record<string, string>) =>
  (recognised(files).settings.wheels as Record<string, ReadonlyArray<Record<string, string>>>)["3.11"]!

describe("the wheels of", () => {
  test.each([
    ["uv.lock", uv, "uv"],
    ["poetry.lock", poetry, "Poetry"],
    ["pdm.lock", pdm, "PDM"],
    ["pylock.toml", pylock, "pip"],
  ])("a %s are the same as in every other", (file, text, manager) => {
    const files = project({ [file]: text })
    expect(wheelsIn(files).map((each) => [each.package, each.version, each.name, each.hash])).toEqual([
      [
        "httptools",
        "0.6.4",
        "httptools-0.6.4-cp311-cp311-manylinux_2_5_x86_64.manylinux1_x86_64.whl",
        digest,
      ],
      [
        "markupsafe",
        "3.0.2",
        "MarkupSafe-3.0.2-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        digest,
      ],
      ["uvicorn", "0.34.0", "uvicorn-0.34.0-py3-none-any.whl", digest],
    ])
    expect(recognised(files).reasoning).toContain(`${file} → ${manager}, 3 wheels`)
  })
  test("of PyPI come from where the builder has them; the others' addresses are the lock file's", () => {
    const address = (lock: Record<string, string>) => wheelsIn(project(lock)).at(-1)!.url
    const elsewhere = "https://wheels.example.net/uvicorn-0.34.0-py3-none-any.whl"
    const named = "https://files.pythonhosted.org/packages/61/uvicorn-0.34.0-py3-none-any.whl"
    expect(address({ "uv.lock": uv })).toBe(
      "https://wheels.example.org/all/61/uvicorn-0.34.0-py3-none-any.whl",
    )
    expect(address({ "uv.lock": uv.replace(named, elsewhere) })).toBe(elsewhere)
    expect(address({ "poetry.lock": poetry })).toBe(
      "https://wheels.example.org/all/py3/u/uvicorn/uvicorn-0.34.0-py3-none-any.whl",
    )
  })
  // As Poetry 1.3 and PDM 2.2 wrote them, for the packages of templates/wheels.ts.
  test.each([
    ["poetry.lock", "poetry-2.0.lock", ["py3/g/greet", "py3/s/shout", "cp311/w/words"]],
    ["pdm.lock", "pdm-4.0.lock", ["00", "00", "00"]],
  ])("a %s (%s) are found by its files, extras and markers", (file, name, places) => {
    const text = readFileSync(join(import.meta.dirname, "fixtures", name), "utf8")
    const found = wheelsIn({
      "pyproject.toml": '[project]\nname = "shop"\ndependencies = ["greet[loud]>=1"]\n',
      "main.py": "",
      [file]: text,
    })
    const words = "words-1.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
    const names = ["greet-1.0-py3-none-any.whl", "shout-1.0-py3-none-any.whl", words]
    expect(found.map(({ url }) => url)).toEqual(
      names.map((each, index) => `https://wheels.example.org/all/${places[index]}/${each}`),
    )
    const hex = found.map(({ hash }) => Buffer.from(hash!.slice("sha256-".length), "base64").toString("hex"))
    for (const each of hex) expect(text).toContain(`"sha256:${each}"`)
  })
  test("a poetry.lock of Poetry 1.1 have their files at its end", () => {
    const old = `[[package]]\nname = "uvicorn"\nversion = "1"\n[metadata.files]\nuvicorn = [{file = "uvicorn-1-py3-none-any.whl", hash = "${hash}"}]\n`
    const files = {
      "pyproject.toml":
        '[tool.poetry.dependencies]\npython = "^3.11"\nuvicorn = "*"\nother = {version = "1", optional = true}\n',
    }
    expect(wheelsIn({ ...files, "main.py": "", "poetry.lock": old }).map(({ name }) => name)).toEqual([
      "uvicorn-1-py3-none-any.whl",
    ])
  })
})

describe("a lock file of Python", () => {
  test.each<readonly [string, Record<string, string>, string, string]>([
    [
      "with a source alone",
      { "uv.lock": uv.replace("uvicorn-0.34.0-py3-none-any.whl", "uvicorn-0.34.0-py2-none-any.whl") },
      "uvicorn 0.34.0 has no wheel for Python 3.11",
      'packages = "set"',
    ],
    [
      "with a package from Git",
      {
        "uv.lock": uv.replace(
          'version = "0.34.0"\nsource = { registry = "https://pypi.org/simple" }',
          'version = "0.34.0"\nsource = { git = "https://example.org/x?rev=1" }',
        ),
      },
      "uvicorn comes from git https://example.org/x?rev=1",
      "published version",
    ],
    ["without the project", { "uv.lock": "version = 1\n" }, "no entry for the project", "uv lock"],
    [
      "of another pyproject.toml",
      { "uv.lock": uv.replace('    { name = "markupsafe" },\n', "") },
      "asks for markupsafe, which is not in it",
      "Make the lock file again",
    ],
    [
      "that lacks a package",
      { "pdm.lock": pdm.replace('name = "markupsafe"', 'name = "other"') },
      "markupsafe is asked for, which is not in it",
      "Make the lock file again",
    ],
    [
      "without hashes",
      { "poetry.lock": poetry.replaceAll(hash, "md5:0") },
      "has no address and SHA-256 hash",
      "newer version",
    ],
    [
      "with a file whose name is none",
      { "uv.lock": uv.replace("uvicorn-0.34.0-py3-none-any.whl", "uvicorn-%ZZ.whl") },
      "“uvicorn-%ZZ.whl” is no name of a file",
      "Make it again",
    ],
    [
      "with a file whose name is none, without its package's graph",
      { "pylock.toml": '[[packages]]\nname = "x"\nwheels = [{ url = "https://x/a%ZZ.whl" }]\n' },
      "“a%ZZ.whl” is no name of a file",
      "Make it again",
    ],
    [
      "with two versions at once",
      { "pdm.lock": `${pdm}[[package]]\nname = "markupsafe"\nversion = "2"\n` },
      "markupsafe has 2 versions",
      "one version",
    ],
  ])("%s is refused with what to do", (_, lock, title, next) => {
    const found = failure(project(lock))
    expect(found.title).toContain(title)
    expect(found.next).toContain(next)
    expect(found.location?.file).toBe(Object.keys(lock)[0])
  })
  test("is left aside when the package set's packages are wanted", () => {
    const found = recognised({
      ...project({ "uv.lock": uv }),
      "skypanel.toml": '[build]\npackages = "set"\n',
    })
    expect(found.settings).toMatchObject({
      wheels: null,
      requirements: ["uvicorn==0.34.0", "markupsafe==3.0.2", "colorama==0.4.6"],
    })
    expect(found.reasoning).toContain("skypanel.toml, [build] packages → those of the package set")
  })
  test("that has hashes of files without their names says so", () => {
    const found = recognised({ "requirements.txt": `six==1 \\\n  --hash=${hash}\n`, "main.py": "" })
    expect(found.settings.wheels).toBeNull()
    expect(found.reasoning).toContain(
      "hashes without names of files in requirements.txt → packages of the package set",
    )
  })
})

test.each([
  ["a-1-cp311-cp311-manylinux_2_17_x86_64.whl", "a-1-cp311-abi3-manylinux_2_17_x86_64.whl"],
  ["a-1-cp37-abi3-manylinux_2_28_x86_64.whl", "a-1-cp37-abi3-manylinux2014_x86_64.whl"],
  ["a-1-cp37-abi3-manylinux1_x86_64.whl", "a-1-py3-none-any.whl"],
  ["a-1-py3-none-manylinux1_x86_64.whl", "a-1-py3-none-any.whl"],
  ["a-1-1-py2.py3-none-any.whl", "a-1-py2-none-any.whl"],
])("%s goes before %s", (better, worse) => {
  expect(wheelRank(better, "3.11", "x64")).toBeGreaterThan(wheelRank(worse, "3.11", "x64")!)
})

test.each([
  "a-1-cp312-abi3-manylinux1_x86_64.whl",
  "a-1-cp313-cp313t-manylinux1_x86_64.whl",
  "a-1-cp311-cp311-manylinux_2_99_x86_64.whl",
  "a-1-cp311-cp311-manylinux_2_17_aarch64.whl",
  "a-1-cp311-cp311-musllinux_1_1_x86_64.whl",
  "a-1-pp311-pypy311_pp73-any.whl",
  "a-1.tar.gz",
])("%s is not for Python 3.11 on this system", (file) => {
  expect(wheelRank(file, "3.11", "x64") ?? 0).toBe(0)
})

test.each([
  ["python_version >= '3.8' and (sys_platform == 'linux' or os_name == 'nt')", true],
  ["python_version < '3.9' or platform_machine == 'aarch64'", false],
  ["'3.9' <= python_version", true],
  ["python_full_version < '3.11.3'", true],
  ["python_full_version >= '3.11.3'", true],
  ["python_version not in '3.10, 3.11'", false],
  ["python_version == '3.*' and python_version ~= '3.10'", true],
  ["extra == 'standard'", false],
  ["platform_system != 'Windows' and implementation_name == 'cpython'", true],
  ["what is this", true],
  [`${"(".repeat(1000)}os_name == 'posix'`, true],
])("%s holds: %s", (marker, holds) => {
  expect(markerHolds(marker, { python: "3.11", cpu: "x64", extra: "" })).toBe(holds)
})
