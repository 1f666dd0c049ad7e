import type { PythonProject } from "./PythonProject.ts"
import { seen, type View } from "./Recognised.ts"

export interface PythonStart {
  readonly command: string
  readonly reasoning: ReadonlyArray<string>
}

const files = ["main.py", "app.py", "wsgi.py", "asgi.py", "server.py"]
const frameworks: Readonly<Record<string, "wsgi" | "asgi">> = {
  Flask: "wsgi",
  Bottle: "wsgi",
  FastAPI: "asgi",
  Starlette: "asgi",
  Quart: "asgi",
  Litestar: "asgi",
}
const application = new RegExp(
  `^(\\w{1,60})[ \\t]*(?::[ \\t]*[\\w.]+[ \\t]*)?=[ \\t]*(?:\\w+\\.)?(${Object.keys(frameworks).join("|")})\\(`,
  "m",
)

/** The server for an application object, if the project depends on one. gunicorn listens on PORT by itself. */
const serverFor = (kind: "wsgi" | "asgi", object: string, { dependencies }: PythonProject): string | null => {
  if (kind === "asgi" && dependencies.has("uvicorn")) return `uvicorn ${object} --host 0.0.0.0 --port $PORT`
  if (kind === "wsgi" && dependencies.has("gunicorn")) return `gunicorn ${object}`
  return null
}

const fromScript = ([script, point]: readonly [string?, string?] = []): PythonStart | null => {
  const parts = /^([A-Za-z_][\w.]*):([A-Za-z_]\w*)$/.exec(point ?? "")
  if (parts === null) return null
  return {
    command: `python3 -c 'from ${parts[1]} import ${parts[2]} as main; main()'`,
    reasoning: [seen(`script \`${script}\` of pyproject.toml`, `${point}`)],
  }
}

const fromDjango = (view: View, project: PythonProject): PythonStart | null => {
  if (!view.has("manage.py")) return null
  const wsgi = view.paths.find((path) => /^(?:\w+\/){1,3}wsgi\.py$/.test(path))
  const module = wsgi?.slice(0, -".py".length).replaceAll("/", ".")
  if (module !== undefined && project.dependencies.has("gunicorn"))
    return {
      command: `gunicorn ${module}`,
      reasoning: [seen(`manage.py, ${wsgi}`, `Django, gunicorn ${module}`)],
    }
  return {
    command: "python3 manage.py runserver --noreload 0.0.0.0:$PORT",
    reasoning: [
      seen("manage.py, no gunicorn among the dependencies", "Django's own server, which is for development"),
    ],
  }
}

const fromObject = (view: View, project: PythonProject): PythonStart | null => {
  for (const file of files) {
    const found = application.exec(view.text(file) ?? "")
    if (found === null) continue
    const object = `${file.slice(0, -".py".length)}:${found[1]}`
    const command = serverFor(frameworks[found[2]!]!, object, project)
    if (command !== null)
      return { command, reasoning: [seen(`${file}, ${found[2]} as \`${found[1]}\``, command)] }
  }
  return null
}

const fromFile = (view: View): PythonStart | null => {
  const file = ["main.py", "app.py", "server.py"].find((name) => view.has(name))
  return file === undefined ? null : { command: `python ${file}`, reasoning: [seen(file, `python ${file}`)] }
}

/**
 * How a project without a Procfile starts: by the script of its name, then by its framework, then by a file of a usual
 * name. Any other script may be for something else, and is the last.
 */
export const pythonStartOf = (view: View, project: PythonProject): PythonStart | null => {
  const scripts = Object.entries(project.scripts)
  return (
    fromScript(scripts.find(([script]) => script === project.name)) ??
    fromDjango(view, project) ??
    fromObject(view, project) ??
    fromFile(view) ??
    fromScript(scripts[0])
  )
}
