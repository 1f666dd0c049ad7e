import { beforeAll, describe, expect, it } from "vitest"
import { signIn } from "./browser.ts"
import { until, usePage } from "./usePage.ts"

const here = usePage()

beforeAll(() => signIn(here.page, here.fake.url))

describe("the fleet's policy", () => {
  it("names what is wrong beside the fields, focuses the first, and loses nothing", async () => {
    const { page } = here
    await here.go("/workers/policy", "Fleet policy")
    await page.getByText("This is what holds.").waitFor()
    await page.getByLabel("Suspect after").fill("soon")
    await page.getByLabel("CPU above").fill("120")
    await page.getByRole("button", { name: "Save the policy" }).click()
    await page.getByText("Write a whole number.").waitFor()
    await page.getByLabel("Suspect after").fill("2")
    await page.getByRole("button", { name: "Save the policy" }).click()
    await page.getByText("The time until a worker is suspect is between 3 and 120.").waitFor()
    await page.getByText("A share is between 1 and 100.").waitFor()
    await until("the first bad field to be focused", () =>
      page.getByLabel("Suspect after").evaluate((input) => input.matches(":focus")),
    )
    await page.reload()
    await page.getByText("Not saved yet.").waitFor()
    expect(await page.getByLabel("CPU above").inputValue()).toBe("120")
  })

  it("is saved, says so, and is written down", async () => {
    const { page } = here
    await page.getByLabel("Suspect after").fill("10")
    await page.getByLabel("CPU above").fill("85")
    await page.getByLabel("Or images above").fill("20480")
    await page.getByRole("radio", { name: /After some minutes/ }).check()
    await page.getByRole("textbox", { name: "Silent for" }).fill("4")
    await page.getByRole("checkbox", { name: /Say which machine to add/ }).check()
    await page.getByRole("button", { name: "Save the policy" }).click()
    await page.getByText("That is no plan's name.").waitFor()
    await page.getByLabel("Plan").fill("g6-standard-4")
    await page.getByLabel("Region").fill("eu-central")
    await page.getByRole("button", { name: "Save the policy" }).click()
    await page.getByText("Saved: it holds now.").waitFor()
    expect(here.fake.platform.fleet.policy).toMatchObject({
      failover: { kind: "after", minutes: 4 },
      suspectAfterSeconds: 10,
      alerts: { cpuPercent: 85, memoryPercent: 95 },
      images: { mostMiB: 20_480, diskPercent: 80, releases: 3 },
      scaling: { on: ["no-capacity"], provider: "linode", plan: "g6-standard-4", region: "eu-central" },
    })
    expect(await here.axe()).toEqual([])
    await here.go("/workers/audit", "Audit")
    await page.getByText("The policy was changed.").waitFor()
    await page.getByLabel("Search the events").fill("fsn1-a")
    await page.getByText("The policy was changed.").waitFor({ state: "detached" })
    await page
      .getByRole("row", { name: /fsn1-a/ })
      .first()
      .waitFor()
  })

  it("follows what somebody else saves until one types", async () => {
    const { page } = here
    const { fleet } = here.fake.platform
    await here.go("/workers/policy", "Fleet policy")
    await page.getByText("This is what holds.").waitFor()
    fleet.setPolicy({ ...fleet.policy, drainMinutes: 45 }, "bob@example.org")
    await until("the new deadline", async () => (await page.getByLabel("Stuck after").inputValue()) === "45")
  })
})
