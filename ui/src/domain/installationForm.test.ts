import { CreateInstallation } from "@skypanel/contract/Installation"
import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import { emptyInstallation, readInstallationForm } from "./installationForm.ts"

describe("the form of a new worker", () => {
  it("asks for sensible roles when nothing is typed", () => {
    const read = readInstallationForm(emptyInstallation)
    expect(read).toEqual({
      issues: null,
      request: {
        roles: ["services", "ingress"],
        labels: {},
        region: null,
        runtime: "deno",
        allowFrom: null,
      },
    })
    expect(read.issues === null && Schema.is(CreateInstallation)(read.request)).toBe(true)
  })

  it("becomes the request, without empty rows and blanks around", () => {
    const labels = [
      { name: " disk ", value: "ssd " },
      { name: "", value: "" },
    ]
    expect(
      readInstallationForm({
        ...emptyInstallation,
        name: " fsn1-c ",
        labels,
        region: "fsn1",
        allowFrom: "192.0.2.0/24",
      }),
    ).toMatchObject({
      request: { name: "fsn1-c", labels: { disk: "ssd" }, region: "fsn1", allowFrom: "192.0.2.0/24" },
    })
  })

  it("names a label that is there twice, and a value without a name", () => {
    const labels = [
      { name: "disk", value: "ssd" },
      { name: "disk", value: "hdd" },
      { name: "", value: "x" },
    ]
    expect(readInstallationForm({ ...emptyInstallation, labels }).issues).toEqual([
      { path: "labels.disk", message: "disk is there twice" },
      { path: "labels.", message: "give the label a name" },
    ])
  })
})
