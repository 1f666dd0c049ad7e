/** Words in names of packages that hold programs for one system: esbuild's for arm64 is `@esbuild/linux-arm64`. */
const otherSystems = new Set([
  ...["darwin", "win32", "windows", "android", "freebsd", "openbsd", "netbsd", "sunos", "aix", "openharmony"],
  ...["wasm32", "wasi", "musl", "linuxmusl", "musleabihf", "gnueabihf", "ia32", "x32", "arm", "armv7"],
  ...["riscv64", "ppc64", "ppc64le", "s390x", "loong64", "mips64el", "universal", "fsevents"],
])
const otherCpus: Readonly<Record<string, ReadonlyArray<string>>> = {
  x64: ["arm64", "aarch64"],
  arm64: ["x64", "x86", "64"],
}

const allows = (list: unknown, value: string): boolean => {
  // Bun's `none` stands for a system that Bun does not know.
  const words = (Array.isArray(list) ? list : [list]).filter((each) => typeof each === "string")
  if (words.includes(`!${value}`)) return false
  const accepted = words.filter((each) => !each.startsWith("!"))
  return accepted.length === 0 || accepted.includes(value)
}

/** Whether a package may be installed here, by what the lock file says of it. */
export const isForHere = (
  entry: { readonly os?: unknown; readonly cpu?: unknown; readonly libc?: unknown },
  cpu: string,
): boolean => allows(entry.os, "linux") && allows(entry.cpu, cpu) && allows(entry.libc, "glibc")

/** The same for an optional package of a lock file that says nothing: by its name. */
export const nameIsForHere = (name: string, cpu: string): boolean =>
  !name.split(/[/._-]/).some((word) => otherSystems.has(word) || (otherCpus[cpu] ?? []).includes(word))
