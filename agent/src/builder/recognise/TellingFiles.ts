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
  "setup.py",
  "main.py",
  "app.py",
  "server.py",
  "wsgi.py",
  "asgi.py",
  "go.mod",
  "go.sum",
  "go.work",
  "go.work.sum",
  "composer.json",
  "Gemfile",
  "Gemfile.lock",
  "Cargo.toml",
  "Cargo.lock",
  "rust-toolchain",
  "rust-toolchain.toml",
])

/** The configuration of what builds sites says which folder they end in. */
const configuration = /^(?:vite|astro|svelte|next|vue)\.config\.(?:js|mjs|cjs|ts|mts)$/

export const isDockerfile = (name: string): boolean =>
  /^(?:Dockerfile|Containerfile)(?:\..+)?$|\.dockerfile$/i.test(name)

/** Of Cargo; others are called so as well. */
const inFolder = /(?:^|\/)\.cargo\/config(?:\.toml)?$/

/** Whether the file at this path has its contents looked at. */
export const isTelling = (path: string): boolean => {
  const name = path.slice(path.lastIndexOf("/") + 1)
  return names.has(name) || configuration.test(name) || isDockerfile(name) || inFolder.test(path)
}
