import { type PackageName, parseDrvName } from "../drvName.ts"

/** Outputs of a derivation as nixpkgs names them. The store does not record them; only a name after a version is one. */
const output =
  /-(?:bin|data|debug|dev|devdoc|devman|dist|doc|info|lib|lib32|lib64|libgcc|man|out|py|static|terminfo)$/

/** Of the name in a store path, `<hash>-<name>`: `glibc-2.40-66-bin` is of glibc 2.40-66. */
export const packageOf = (storeName: string): PackageName => {
  const found = parseDrvName(storeName.replace(output, ""))
  return found.version === null ? parseDrvName(storeName) : found
}
