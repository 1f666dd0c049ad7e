import { messageMaxBytes } from "@skypanel/contract/AgentProtocol"
import type { OrganizationId } from "@skypanel/contract/Id"
import { describe, expect, it } from "vitest"
import { watch } from "../../test/containers.ts"
import { deploymentId, placementId, serviceId } from "../../test/edge.ts"
import { containerOf, type Inspected, labels } from "./Container.ts"
import { backendsOf, observedOf, served, type Watched } from "./observation.ts"
import { notProbed } from "./Probing.ts"

const inspected = (more: Partial<Inspected["State"]> = {}, own: Record<string, string> = {}): Inspected => ({
  Id: "c".repeat(64),
  Config: {
    Labels: {
      [labels.organization]: `org_${"0".repeat(24)}`,
      [labels.service]: serviceId(1),
      [labels.deployment]: deploymentId(1),
      [labels.placement]: placementId(1),
      ...own,
    },
  },
  State: {
    Status: "running",
    ExitCode: 0,
    OOMKilled: false,
    StartedAt: "2026-01-02T03:04:05.678912345Z",
    ...more,
  },
})
const watched = (more: Partial<Watched["container"]>, lastLines: ReadonlyArray<string> = []): Watched => ({
  container: {
    id: "c",
    organizationId: `org_${"0".repeat(24)}` as OrganizationId,
    serviceId: serviceId(1),
    deploymentId: deploymentId(1),
    placementId: placementId(1),
    state: "running",
    exitCode: null,
    outOfMemory: false,
    startedAt: "2026-01-02T03:04:05.678Z",
    address: "10.0.0.1",
    ...more,
  },
  probing: { ...notProbed, healthy: true, words: "GET / answered 200" },
  lastLines,
})

describe("containerOf", () => {
  it("reads what the engine says", () => {
    expect(containerOf(inspected(), "10.0.0.1")).toMatchObject({
      state: "running",
      exitCode: null,
      startedAt: "2026-01-02T03:04:05.678Z",
    })
    expect(containerOf(inspected({ Status: "exited", ExitCode: 137, OOMKilled: true }), null)).toMatchObject({
      state: "exited",
      exitCode: 137,
      outOfMemory: true,
    })
    expect(
      containerOf(inspected({ Status: "created", StartedAt: "0001-01-01T00:00:00Z" }), null),
    ).toMatchObject({
      state: "starting",
      startedAt: null,
    })
  })

  it.each([labels.organization, labels.service, labels.deployment, labels.placement])(
    "wants an id in %s",
    (label) => {
      expect(containerOf(inspected({}, { [label]: "x; y" }), null)).toBeNull()
    },
  )
})

describe("observedOf", () => {
  it("never calls one healthy that does not run", () => {
    expect(observedOf([watched({ state: "exited", exitCode: 1 })])[0]).toMatchObject({
      healthy: false,
      probe: "it exited with code 1",
    })
  })

  it("tells what may be behind a kill that the engine has no reason for", () => {
    const words = (exitCode: number, outOfMemory: boolean) =>
      observedOf([watched({ state: "exited", exitCode, outOfMemory })])[0]!.probe
    expect(words(137, false)).toMatch(/killed .*often because it used more memory/)
    expect(words(137, true)).toBe("it used more memory than it may")
  })

  it("fits one message, however many containers print however much", () => {
    const lines = Array.from({ length: 20 }, (_, n) => ["\u20ac", '"', "\u001b[1m"][n % 3]!.repeat(4_000))
    const many = Array.from({ length: 1_000 }, () => watched({ state: "exited", exitCode: 1 }, lines))
    expect(Buffer.byteLength(JSON.stringify(observedOf(many)))).toBeLessThan(messageMaxBytes)
  })
})

describe("what requests are led to", () => {
  it("is what listens on a port, and nothing else", () => {
    expect(backendsOf([watched({})], [watch(1, 3000, null)])).toMatchObject([{ port: 3000 }])
    expect(backendsOf([watched({})], [watch(1, 0, null)])).toEqual([])
  })
})

describe("what others are told of", () => {
  it("is not healthy before requests can be led to it", () => {
    const all = observedOf([watched({})])
    expect(served(all, () => true)).toEqual(all)
    expect(served(all, () => false)).toMatchObject([
      { healthy: false, probe: "GET / answered 200, but no request is led to it yet" },
    ])
  })
})
