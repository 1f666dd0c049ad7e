import type { ReleaseComparison, ReleasePackages } from "@skypanel/contract/ReleaseComparison"

const MiB = 2 ** 20
const nodejs = (release: number) => ({ version: `22.${10 + release}.0`, bytes: (100 + release) * MiB })

/** Of every fake release: Node.js is a version newer with each. */
export const packagesOf = (release: number): ReleasePackages => ({
  release,
  bytes: nodejs(release).bytes + 31 * MiB,
  packages: [
    { name: "app", version: null, bytes: MiB, paths: 1 },
    { name: "glibc", version: "2.40-66", bytes: 30 * MiB, paths: 2 },
    { name: "nodejs", ...nodejs(release), paths: 1 },
  ],
})

const side = (release: number) => ({ versions: [nodejs(release).version], bytes: nodejs(release).bytes })

export const comparisonOf = (before: number, after: number): ReleaseComparison => ({
  before,
  after,
  configuration:
    before === after ? [] : [{ field: "environment", variable: "LOG_LEVEL", before: null, after: "debug" }],
  closure: {
    bytesBefore: packagesOf(before).bytes,
    bytesAfter: packagesOf(after).bytes,
    packages: before === after ? [] : [{ name: "nodejs", before: side(before), after: side(after) }],
    rebuilt: before === after ? 0 : 1,
  },
})
