export interface PackageName {
  readonly name: string
  readonly version: string | null
}

/** As Nix' `builtins.parseDrvName`: the version begins after the first dash that no letter follows. */
export const parseDrvName = (text: string): PackageName => {
  const dash = /-(?=[^a-zA-Z])/.exec(text)
  return dash === null
    ? { name: text, version: null }
    : { name: text.slice(0, dash.index), version: text.slice(dash.index + 1) }
}

/** Outputs of a derivation as nixpkgs names them. The store does not record them; only a name after a version is one. */
const output =
  /-(?:bin|data|debug|dev|devdoc|devman|dist|doc|info|lib|lib32|lib64|libgcc|man|out|py|static|terminfo)$/

/** Of the name in a store path, `<hash>-<name>`: `glibc-2.40-66-bin` is of glibc 2.40-66. */
export const packageOf = (storeName: string): PackageName => {
  const found = parseDrvName(storeName.replace(output, ""))
  return found.version === null ? parseDrvName(storeName) : found
}
