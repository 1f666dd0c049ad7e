import type { ServiceId, WorkerId } from "@skypanel/contract/Id"
import { describe, expect, it } from "vitest"
import { type Changed, type Interest, Interests } from "./interests.ts"

const worker = (name: string) => name as WorkerId
const service = (name: string) => name as ServiceId
const interest = (services: ReadonlyArray<string>, more: Partial<Interest> = {}): Interest => ({
  services: new Set(services.map(service)),
  ingress: false,
  others: false,
  builds: false,
  logs: false,
  ...more,
})
const changed = (table: string | null, of: Partial<Changed> = {}): Changed => ({
  table,
  worker: null,
  service: null,
  ...of,
})
const sorted = (ids: ReadonlyArray<WorkerId> | null) => [...new Set(ids)].toSorted()

const fleet = () => {
  const interests = new Interests()
  interests.set(worker("a"), interest(["web", "api"]))
  interests.set(worker("b"), interest(["web"], { others: true }))
  interests.set(worker("edge"), interest([], { ingress: true, others: true }))
  interests.set(worker("builder"), interest([], { builds: true }))
  return interests
}

describe("a change concerns", () => {
  it("of an instance: its worker, those with the service, and those that take visitors", () => {
    const change = changed("instance", { worker: "c", service: "web" })
    expect(sorted(fleet().in(change))).toEqual(["a", "b", "c", "edge"])
    expect(sorted(fleet().in(changed("service", { service: "api" })))).toEqual(["a", "edge"])
  })

  it("of a worker: itself, and those that know others", () => {
    expect(sorted(fleet().in(changed("worker", { worker: "a" })))).toEqual(["a", "b", "edge"])
  })

  it("of a deployment: those that build; of a build: its worker", () => {
    expect(fleet().in(changed("deployment", { service: "web" }))).toEqual(["builder"])
    expect(fleet().in(changed("build", { worker: "builder" }))).toEqual(["builder"])
  })

  it("everybody when changes were missed, and nobody when it is of another kind", () => {
    expect(fleet().in(changed(null))).toBeNull()
    expect(fleet().in(changed("alert", { service: "web" }))).toEqual([])
  })
})

describe("what an agent was told last", () => {
  it("counts, not what it was told before", () => {
    const interests = fleet()
    interests.set(worker("a"), interest(["other"], { logs: true }))
    expect(sorted(interests.inService(service("api")))).toEqual(["edge"])
    expect(sorted(interests.inService(service("other")))).toEqual(["a", "edge"])
    expect(sorted(interests.inLogsOf([service("web")]))).toEqual(["a", "b"])
  })

  it("counts no more once it is forgotten", () => {
    const interests = fleet()
    interests.forget(worker("b"))
    interests.forget(worker("edge"))
    expect(sorted(interests.inService(service("web")))).toEqual(["a"])
    expect(interests.in(changed("worker", { worker: "a" }))).toEqual(["a"])
  })
})
