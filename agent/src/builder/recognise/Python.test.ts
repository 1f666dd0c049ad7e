import { describe, expect, test } from "vitest"
import { failure, recognised } from "./testing/trees.ts"

describe("a Python project", () => {
  const both = "flask\nfastapi\ngunicorn>=20\nuvicorn[standard]==0.30 ; python_version > '3'\n"
  test.each<readonly [string, Record<string, string>, string, string]>([
    [
      "starts the script of its name",
      {
        "pyproject.toml":
          '[project]\nname = "shop"\n[project.scripts]\nadmin = "shop.admin:main"\nshop = "shop.web:main"\n',
        "main.py": "",
      },
      "python3 -c 'from shop.web import main as main; main()'",
      "script `shop` of pyproject.toml → shop.web:main",
    ],
    [
      "starts Poetry's script",
      { "pyproject.toml": '[tool.poetry.scripts]\nserve = "a:run"\n', "poetry.lock": "" },
      "python3 -c 'from a import run as main; main()'",
      "script `serve` of pyproject.toml → a:run",
    ],
    [
      "starts its main.py before a script of another name",
      { "pyproject.toml": '[project]\nname = "shop"\n[project.scripts]\nlint = "a:run"\n', "main.py": "" },
      "python main.py",
      "main.py → python main.py",
    ],
    [
      "is Django with gunicorn",
      { "requirements.txt": "Django\ngunicorn", "manage.py": "", "shop/wsgi.py": "" },
      "gunicorn shop.wsgi",
      "manage.py, shop/wsgi.py → Django, gunicorn shop.wsgi",
    ],
    [
      "is Django without a server",
      { "requirements.txt": "Django", "manage.py": "", "shop/wsgi.py": "" },
      "python3 manage.py runserver --noreload 0.0.0.0:$PORT",
      "manage.py, no gunicorn among the dependencies → Django's own server, which is for development",
    ],
    [
      "is Flask with gunicorn",
      { "requirements.txt": both, "app.py": "import flask\nsite = flask.Flask(__name__)\n" },
      "gunicorn app:site",
      "app.py, Flask as `site` → gunicorn app:site",
    ],
    [
      "is FastAPI with uvicorn",
      { "requirements.txt": both, "main.py": "api: FastAPI = FastAPI(title='x')\n" },
      "uvicorn main:api --host 0.0.0.0 --port $PORT",
      "main.py, FastAPI as `api` → uvicorn main:api --host 0.0.0.0 --port $PORT",
    ],
    [
      "is Flask that serves itself",
      { "requirements.txt": "flask", "app.py": "app = Flask(__name__)\napp.run()\n" },
      "python app.py",
      "app.py → python app.py",
    ],
  ])("%s", (_, files, start, reason) => {
    expect(recognised(files)).toMatchObject({ kind: "python", settings: { start } })
    expect(recognised(files).reasoning).toContain(reason)
  })
  test.each([
    [
      "a Pipfile.lock",
      {
        "Pipfile.lock": JSON.stringify({
          default: { flask: { version: "==2.2.2" }, six: {} },
          develop: { pytest: {} },
        }),
      },
      ["flask==2.2.2", "six"],
    ],
    [
      "a setup.cfg",
      { "setup.cfg": "[options]\ninstall_requires =\n    flask>=2  # x\n    six\npackages = find:\n" },
      ["flask>=2", "six"],
    ],
    [
      "a setup.py",
      {
        "setup.py":
          'from setuptools import setup\nsetup(\n  name="shop",\n  install_requires=[\n    "flask[async]>=2",  # x\n    \'six; python_version > "3"\',\n  ],\n)\n',
      },
      ["flask[async]>=2", 'six; python_version > "3"'],
    ],
    [
      "a pyproject.toml, with the versions of its uv.lock",
      {
        "pyproject.toml": '[project]\nname = "shop"\ndependencies = ["Flask>=2", "six"]\n',
        "skypanel.toml": '[build]\npackages = "set"\n',
        "uv.lock":
          'version = 1\n[[package]]\nname = "flask"\nversion = "3.0.3"\n[[package]]\nname = "jinja2"\nversion = "3.1.0"\n',
      },
      ["flask==3.0.3"],
    ],
  ])("has its dependencies from %s", (_, files, requirements) => {
    const found = recognised({ ...files, "main.py": "" })
    expect(found.settings.requirements).toEqual(requirements)
    expect(found.reasoning[0]).toContain("Python, 2 dependencies")
  })
  test.each<readonly [string, string, Record<string, string>]>([
    [
      "a setup.cfg for tools",
      "go",
      { "setup.cfg": "[bumpversion]\ncurrent_version = 1", "go.mod": "module x" },
    ],
    ["a setup.cfg for tools beside a page", "static", { "setup.cfg": "[flake8]", "index.html": "" }],
    ["a lock file alone", "go", { "uv.lock": "", "go.mod": "module x" }],
  ])("is not there for %s", (_, kind, files) => expect(recognised(files).kind).toBe(kind))
  test("says where a setup.py works out what it asks for, unless a requirements.txt says it", () => {
    const files = {
      "setup.py": "from setuptools import setup\nsetup(\n    install_requires=read('x'),\n)\n",
      "main.py": "",
    }
    expect(failure(files)).toMatchObject({
      title: "setup.py, line 3: install_requires is no list that is written out there.",
      location: { file: "setup.py", line: 3 },
    })
    expect(recognised({ ...files, "requirements.txt": "six" }).kind).toBe("python")
    expect(recognised({ ...files, "go.mod": "module x" }).kind).toBe("go")
    const spaces = { ...files, "setup.py": `setup(install_requires=[${" ,".repeat(100_000)}x` }
    expect(failure(spaces).title).toContain("no list that is written out")
  })
  test("has no dependency on the file that its setup.cfg names", () => {
    const files = {
      "setup.cfg": "[options]\ninstall_requires = file: requirements.txt\n",
      "requirements.txt": "flask",
      "main.py": "",
    }
    expect(recognised(files).settings.requirements).toEqual([])
    expect(recognised(files).reasoning[0]).toContain("Python, 1 dependency")
  })
  test.each([
    [">=3.9", true],
    [">=3.11,<4", true],
    ["==3.11.*", true],
    ["^3.10", true],
    ["~=3.11.2", true],
    ["!=3.9.0,>=3.8", true],
    [">=3.12", false],
    ["==3.10.*", false],
    ["~=3.10.0", false],
    ["no range at all", true],
  ])("that requires Python %s is built with 3.11: %s", (range, isBuilt) => {
    const files = { "pyproject.toml": `[project]\nname = "x"\nrequires-python = "${range}"\n`, "main.py": "" }
    if (isBuilt) return void recognised(files)
    const found = failure(files)
    expect(found.location).toEqual({ file: "pyproject.toml", line: 3, column: 1 })
    expect(found.next).toContain("Python 3.11")
  })
  test("with a .python-version of another one says what there is", () =>
    expect(failure({ "requirements.txt": "", "main.py": "", ".python-version": "3.12.1\n" })).toMatchObject({
      location: { file: ".python-version", line: 1 },
    }))
  test("with a pyproject.toml that is none says in which line", () =>
    expect(failure({ "pyproject.toml": "[project]\nname = x", "main.py": "" })).toMatchObject({
      location: { file: "pyproject.toml", line: 2 },
    }))
})
