import { defaultFleetPolicy, FleetPolicy } from "@skypanel/contract/Fleet"
import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import { formOfPolicy, readPolicy } from "./policyForm.ts"

const full: FleetPolicy = {
  ...defaultFleetPolicy,
  failover: { kind: "after", minutes: 3 },
  scaling: {
    on: ["cpu", "no-capacity"],
    provider: "digitalocean",
    plan: "s-4vcpu-8gb",
    region: "fra1",
    workersMost: 12,
    pauseMinutes: 20,
  },
}

describe("the form of the fleet's policy", () => {
  it.each([defaultFleetPolicy, full, { ...full, failover: { kind: "by-hand" } as const }])(
    "comes back from the fields as it went in",
    (policy) => {
      const read = readPolicy(formOfPolicy(policy))
      expect(read).toEqual({ issues: null, request: policy })
      expect(Schema.is(FleetPolicy)(policy)).toBe(true)
    },
  )

  it("names each field that holds no whole number, and none that is not shown", () => {
    const form = formOfPolicy(defaultFleetPolicy)
    const numbers = {
      ...form.numbers,
      "failover.minutes": "soon",
      "scaling.workersMost": "",
      suspectAfterSeconds: "1.5",
      "alerts.diskPercent": "90 %",
    }
    expect(readPolicy({ ...form, numbers }).issues?.map(({ path }) => path)).toEqual([
      "suspectAfterSeconds",
      "alerts.diskPercent",
    ])
    expect(readPolicy({ ...form, numbers, failover: "after", scaling: true }).issues).toHaveLength(4)
  })
})
