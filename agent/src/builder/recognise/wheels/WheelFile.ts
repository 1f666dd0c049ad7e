/** A C library of this minor version (2.…) or newer is there: Debian 12's. */
const libcMinor = 36

const oldNames: Readonly<Record<string, string>> = {
  manylinux1: "manylinux_2_5",
  manylinux2010: "manylinux_2_12",
  manylinux2014: "manylinux_2_17",
}

/** How well one platform fits; 0: not at all. What is made for newer systems is made better. */
const platformRank = (tag: string, machine: string): number => {
  if (tag === "any") return 1
  const old = /^(manylinux(?:1|20\d\d))_(.+)$/.exec(tag)
  const name = old === null ? tag : `${oldNames[old[1]!]}_${old[2]}`
  if (name === `linux_${machine}`) return 2
  const minor = /^manylinux_2_(\d{1,3})_(.+)$/.exec(name)
  if (minor === null || minor[2] !== machine || Number(minor[1]) > libcMinor) return 0
  return 3 + Number(minor[1])
}

/** How well a tag of an interpreter and one of its binary interface fit a Python 3; 0: not at all. */
const interpreterRank = (tag: string, abi: string, minor: number): number => {
  const [, kind, version] = /^(cp|py)3(\d{0,2})$/.exec(tag) ?? []
  if (kind === undefined) return 0
  const own = version === "" ? 0 : Number(version)
  if (kind === "cp" && own === minor && abi === `cp3${minor}`) return 400
  if (kind === "cp" && own <= minor && abi === "abi3") return 200 + own
  if (abi !== "none" || own > minor || (kind === "cp" && own !== minor)) return 0
  return kind === "cp" ? 150 : 50 + own
}

/**
 * How well a wheel fits a Python (such as `3.11`) on this kind of processor, by its name: the larger the better, 0 when
 * it does not, null when it is no wheel. Compiled parts go before none, an own interface before a stable one.
 */
export const wheelRank = (file: string, python: string, cpu: string): number | null => {
  const parts = /^[A-Za-z0-9._]+-[^-/]+(?:-\d[^-/]*)?-([\w.]+)-([\w.]+)-([\w.]+)\.whl$/.exec(file)
  if (parts === null || file.length > 300) return null
  const [, interpreters, abis, platforms] = parts
  const minor = Number(python.split(".")[1])
  const machine = cpu === "arm64" ? "aarch64" : "x86_64"
  const platform = Math.max(...platforms!.split(".").map((tag) => platformRank(tag, machine)))
  if (platform === 0) return 0
  const ranks = interpreters!
    .split(".")
    .flatMap((tag) => abis!.split(".").map((abi) => interpreterRank(tag, abi, minor)))
  const interpreter = Math.max(...ranks)
  return interpreter === 0 ? 0 : 1000 * (platform > 1 ? 1 : 0) + 2 * interpreter + platform / 100
}

const pypi = "https://files.pythonhosted.org/packages/"

/**
 * Where a file is fetched. `origin` is where this builder has the files of PyPI, which are all those of which a lock file
 * has only the name.
 */
export const wheelUrl = (
  origin: string,
  name: string,
  file: { readonly name: string; readonly url: string | null },
): string => {
  if (file.url !== null)
    return file.url.startsWith(pypi) ? `${origin}/${file.url.slice(pypi.length)}` : file.url
  const interpreter = file.name.slice(0, -".whl".length).split("-").at(-3)
  return `${origin}/${interpreter}/${name[0]}/${name}/${file.name}`
}
