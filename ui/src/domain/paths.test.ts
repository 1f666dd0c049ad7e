import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type Place, pathOf, placeOf, serviceTabs, workerTabs } from "./paths.ts"

const text = fc
  .string({ minLength: 1, maxLength: 20 })
  .filter((value) => value !== "." && value !== ".." && value.isWellFormed())
const place: fc.Arbitrary<Place> = fc.oneof(
  fc.constantFrom<Place>(
    { view: "home" },
    { view: "workers" },
    { view: "new-worker" },
    { view: "fleet-policy" },
    { view: "fleet-audit" },
    { view: "notifications" },
    { view: "about" },
    { view: "demo" },
  ),
  fc.record({
    view: fc.constant("worker" as const),
    worker: fc.oneof(text, fc.constantFrom("new", "policy", "audit", "~new")),
    tab: fc.constantFrom(...workerTabs),
  }),
  fc.record({
    view: fc.constantFrom(
      "services" as const,
      "templates" as const,
      "manage-templates" as const,
      "manage-stacks" as const,
      "stacks" as const,
      "new-stack" as const,
    ),
    organization: text,
  }),
  fc.record({ view: fc.constant("stack" as const), organization: text, stack: text }),
  fc.record({
    view: fc.constant("new-service" as const),
    organization: text,
    from: fc.oneof(
      fc.constant(null),
      fc.constantFrom({ door: "git" } as const, { door: "folder" } as const, { door: "expression" } as const),
      fc.record({ door: fc.constant("template" as const), template: fc.option(text) }),
    ),
  }),
  fc.record({
    view: fc.constant("service" as const),
    organization: text,
    service: text,
    tab: fc.constantFrom(...serviceTabs),
  }),
  fc.record({
    view: fc.constant("deployment" as const),
    organization: text,
    service: text,
    number: fc.integer({ min: 1, max: 999_999_999 }),
  }),
)

describe("paths", () => {
  it("name every place, whatever its names hold", () => {
    fc.assert(
      fc.property(place, (one) => {
        const url = new URL(pathOf(one), "http://page")
        expect(placeOf(url.pathname, url.search)).toEqual(one)
      }),
    )
  })

  it("read as the API's", () => {
    expect(pathOf({ view: "deployment", organization: "acme", service: "web", number: 3 })).toBe(
      "/organizations/acme/services/web/deployments/3",
    )
    expect(pathOf({ view: "service", organization: "acme", service: "web", tab: "overview" })).toBe(
      "/organizations/acme/services/web",
    )
    expect(pathOf({ view: "worker", worker: "fsn1-a", tab: "events" })).toBe("/workers/fsn1-a/events")
    expect(pathOf({ view: "worker", worker: "new", tab: "overview" })).toBe("/workers/~new")
    expect(
      pathOf({ view: "new-service", organization: "acme", from: { door: "template", template: "nodejs" } }),
    ).toBe("/organizations/acme/new-service?from=template&template=nodejs")
  })

  it.each([
    "/nowhere",
    "/organizations",
    "/organizations/acme",
    "/organizations/acme/services/web/deployments/0",
    "/organizations/acme/services/web/deployments/3x",
    "/organizations/acme/services/web/nothing",
    "/organizations/acme/services/web/deployments/3/more",
    "/workers/fsn1-a/more",
    "/workers/fsn1-a/events/more",
    "/workers/policy/more",
    "/workers/~",
    "/notifications/more",
    "/organizations/%E0%A4%A/services",
  ])("do not know %s", (path) => {
    expect(placeOf(path)).toEqual({ view: "not-found" })
  })
})
