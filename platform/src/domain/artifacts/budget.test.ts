import fc from "fast-check"
import { expect, it } from "vitest"
import { chooseBurials, type FileUse, orderOfGoing, type StandingImage } from "./budget.ts"

const image = (digest: string, more: Partial<StandingImage> = {}): StandingImage => ({
  organizationId: "org_1",
  serviceId: "svc_1",
  digest,
  releases: [1],
  newest: 1,
  kept: false,
  surplus: false,
  ...more,
})

interface File {
  readonly bytes: number
  readonly of: ReadonlyArray<number>
}

/** What the SQL adds up, from which images need which files. */
const usesOf = (images: ReadonlyArray<StandingImage>, files: ReadonlyArray<File>): ReadonlyArray<FileUse> =>
  files.map(({ bytes, of }) => {
    const owners = new Set(of.map((index) => images[index]!.organizationId))
    return { rank: Math.max(...of), organizationId: owners.size === 1 ? [...owners][0]! : null, bytes }
  })

const none = { totalBytes: null, organizationBytes: null }

it("lets go only of what no release has where there is no budget", () => {
  const images = orderOfGoing([
    image("a"),
    image("b", { releases: [], newest: null }),
    image("c", { kept: true }),
  ])
  const { burials } = chooseBurials(images, usesOf(images, [{ bytes: 10 ** 9, of: [0, 1, 2] }]), none)
  expect(burials.map(({ image, reason }) => [image.digest, reason])).toEqual([["b", "no release has it"]])
})

it("lets go of what a service keeps no more, though there is room, and never of what is kept for another reason", () => {
  const images = orderOfGoing([
    image("pinned", { surplus: true, kept: true }),
    image("surplus", { surplus: true }),
    image("old"),
  ])
  const { burials } = chooseBurials(images, usesOf(images, [{ bytes: 10 ** 9, of: [0, 1, 2] }]), none)
  expect(burials.map(({ image, reason }) => [image.digest, reason])).toEqual([
    ["surplus", "its service keeps fewer releases"],
  ])
})

it("counts nothing as free by what a service keeps no more that an older image still needs", () => {
  const images = orderOfGoing([
    image("kept", { newest: 4, kept: true }),
    image("old", { newest: 1, serviceId: "svc_2" }),
    image("surplus", { newest: 3, surplus: true }),
    image("without", { releases: [], newest: null }),
  ])
  const at = (digest: string) => images.findIndex((one) => one.digest === digest)
  const uses = usesOf(images, [
    { bytes: 10, of: [at("without"), at("surplus")] },
    { bytes: 10, of: [at("surplus"), at("old")] },
    { bytes: 10, of: [at("kept")] },
  ])
  const { burials, overBytes } = chooseBurials(images, uses, { ...none, totalBytes: 15 })
  expect(burials.map((burial) => burial.image.digest).toSorted()).toEqual(["old", "surplus", "without"])
  expect(overBytes).toBe(0)
})

it("lets the oldest go first, no more than it must, and never what is kept", () => {
  const images = orderOfGoing([
    image("newer", { newest: 3 }),
    image("oldest", { newest: 1 }),
    image("kept", { newest: 0, kept: true }),
    image("old", { newest: 2 }),
  ])
  expect(images.map(({ digest }) => digest)).toEqual(["oldest", "old", "newer", "kept"])
  const uses = usesOf(
    images,
    [0, 1, 2, 3].map((index) => ({ bytes: 100, of: [index] })),
  )
  const go = (totalBytes: number) => {
    const { burials, overBytes } = chooseBurials(images, uses, { ...none, totalBytes })
    return [burials.map(({ image }) => image.digest), overBytes]
  }
  expect(go(400)).toEqual([[], 0])
  expect(go(399)).toEqual([["oldest"], 0])
  expect(go(250)).toEqual([["oldest", "old"], 0])
  expect(go(40)).toEqual([["oldest", "old", "newer"], 60])
})

it("lets nothing go that would free nothing", () => {
  const images = orderOfGoing([
    image("old", { newest: 1 }),
    image("new", { newest: 2 }),
    image("kept", { kept: true }),
  ])
  const uses = usesOf(images, [
    { bytes: 100, of: [1, 2] },
    { bytes: 10, of: [0] },
  ])
  const { burials, overBytes } = chooseBurials(images, uses, { ...none, totalBytes: 0 })
  expect([burials.map(({ image }) => image.digest), overBytes]).toEqual([["old"], 100])
})

it("counts for an organization only what nobody else needs", () => {
  const images = orderOfGoing([image("a", { newest: 1 }), image("b", { newest: 2, organizationId: "org_2" })])
  const uses = usesOf(images, [
    { bytes: 1000, of: [0, 1] },
    { bytes: 10, of: [0] },
    { bytes: 20, of: [1] },
  ])
  const { burials } = chooseBurials(images, uses, { ...none, organizationBytes: 15 })
  expect(burials.map(({ image }) => image.digest)).toEqual(["b"])
})

it("keeps to the budget, as counted file by file, or has nothing more that may go", () => {
  const size = 6
  const scene = fc.record({
    kept: fc.array(fc.boolean(), { minLength: size, maxLength: size }),
    owners: fc.array(fc.constantFrom("org_1", "org_2"), { minLength: size, maxLength: size }),
    files: fc.array(
      fc.record({
        bytes: fc.integer({ min: 1, max: 100 }),
        of: fc.uniqueArray(fc.nat(size - 1), { minLength: 1 }),
      }),
      { maxLength: 12 },
    ),
    totalBytes: fc.nat(600),
  })
  fc.assert(
    fc.property(scene, ({ kept, owners, files, totalBytes }) => {
      const images = orderOfGoing(
        kept.map((stays, index) =>
          image(`${index}`, { kept: stays, organizationId: owners[index]!, newest: index + 1 }),
        ),
      )
      const { burials, overBytes } = chooseBurials(images, usesOf(images, files), { ...none, totalBytes })
      const gone = new Set(burials.map(({ image }) => image))
      const bytes = files
        .filter(({ of }) => of.some((index) => !gone.has(images[index]!)))
        .reduce((sum, file) => sum + file.bytes, 0)
      expect(burials.some(({ image }) => image.kept)).toBe(false)
      expect(overBytes).toBe(Math.max(0, bytes - totalBytes))
      const stays = (index: number) => images[index]!.kept
      const free = files.some(({ of }) => !of.some(stays) && of.some((index) => !gone.has(images[index]!)))
      if (overBytes > 0) expect(free).toBe(false)
    }),
  )
})
