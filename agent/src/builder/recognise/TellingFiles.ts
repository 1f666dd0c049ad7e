const names = new Set([
  "skypanel.toml",
  "Procfile",
  "package.json",
  "package-lock.json",
  "npm-shrinkwrap.json",
  "pnpm-lock.yaml",
  "pnpm-workspace.yaml",
  "yarn.lock",
  "bun.lock",
  "deno.json",
  "deno.jsonc",
  ".nvmrc",
  ".node-version",
  "requirements.txt",
  "pyproject.toml",
  ".python-version",
  "uv.lock",
  "poetry.lock",
  "pdm.lock",
  "pylock.toml",
  "Pipfile.lock",
  "setup.cfg",
  "main.py",
  "app.py",
  "server.py",
  "wsgi.py",
  "asgi.py",
  "go.mod",
  "composer.json",
  "Gemfile",
  "Gemfile.lock",
])

/** The configuration of what builds sites says which folder they end in. */
const configuration = /^(?:vite|astro|svelte|next|vue)\.config\.(?:js|mjs|cjs|ts|mts)$/

export const isDockerfile = (name: string): boolean =>
  /^(?:Dockerfile|Containerfile)(?:\..+)?$|\.dockerfile$/i.test(name)

/** Whether a file of this name has its contents looked at. */
export const isTelling = (name: string): boolean =>
  names.has(name) || configuration.test(name) || isDockerfile(name)
