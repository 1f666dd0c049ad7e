import { beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { signIn } from "./browser.ts"
import { until, usePage } from "./usePage.ts"

const here = usePage()

beforeAll(() => signIn(here.page, here.fake.url))

const state = () => here.page.getByRole("status", { name: "State", exact: true })

describe("the table of workers", () => {
  it("shows each worker's state and why, live", async () => {
    const { page } = here
    const { fleet } = here.fake.platform
    await here.go("/workers", "Workers")
    const row = page.getByRole("row", { name: /hel1-a/ })
    await row.getByText("drained").waitFor()
    fleet.become(fleet.find("hel1-a"), "degraded", "Docker Engine does not answer.")
    await row.getByText("degraded").waitFor()
    await row.getByText("Docker Engine does not answer.").waitFor()
    await page.getByRole("status", { name: "Summary" }).getByText("2 degraded").waitFor()
    fleet.become(fleet.find("hel1-a"), "drained")
    await row.getByText("drained").waitFor()
  })

  it("shows new measurements without a reload", async () => {
    const { page } = here
    const { fleet } = here.fake.platform
    await here.go("/workers", "Workers")
    const row = page.getByRole("row", { name: /hel1-b/ })
    await row.getByText("23 % of 8 cores").waitFor()
    const worker = fleet.find("hel1-b")
    worker.health = { ...worker.health!, cpuPercent: 60 }
    fleet.changed("measurements", "hel1-b")
    await row.getByText("60 % of 8 cores").waitFor()
  })

  it("finds workers by name, region, label or state", async () => {
    const { page } = here
    await here.go("/workers", "Workers")
    await page.getByLabel("Search workers").fill("quarant")
    await page.getByRole("row", { name: /fsn1-a/ }).waitFor({ state: "detached" })
    await page.getByRole("row", { name: /hel1-b/ }).waitFor()
    await page.getByLabel("Search workers").fill("no such thing")
    await page.getByText("No worker has that").waitFor()
    await page.getByLabel("Search workers").fill("")
    await page.getByRole("row", { name: /fsn1-a/ }).waitFor()
  })

  it("says that the brake holds while it does, and what to do", async () => {
    const { page } = here
    const { fleet } = here.fake.platform
    fleet.brake = { silent: 6, of: 10, since: new Date().toISOString() }
    fleet.changed("fleet")
    await page.getByRole("heading", { name: "The brake holds: 6 of 10 workers are silent" }).waitFor()
    await page.getByText("Check this platform's own network first.", { exact: false }).waitFor()
    fleet.brake = null
    fleet.changed("fleet")
    await page.getByRole("heading", { name: /The brake holds/ }).waitFor({ state: "detached" })
  })

  it("is true again after a lost connection", async () => {
    const { page } = here
    const { platform } = here.fake
    const row = page.getByRole("row", { name: /nbg1-b/ })
    await row.getByText("stopped", { exact: true }).waitFor()
    platform.broken = true
    platform.events.emit("drop-streams")
    await page.getByText("not live").waitFor()
    Object.assign(platform.fleet.find("nbg1-b"), { state: "active", reason: "" })
    platform.broken = false
    await row.getByText("active").waitFor()
    await page.getByText("not live").waitFor({ state: "detached" })
  })

  it("upgrades the agents, and says which one did not come back", async () => {
    const { page } = here
    const { platform } = here.fake
    platform.upgrades.failsOn = "nbg1-a"
    await here.go("/workers", "Workers")
    await page.getByRole("button", { name: "Upgrade 1 agent" }).click()
    await page.locator("wa-dialog").getByRole("button", { name: "Upgrade", exact: true }).click()
    await page.getByRole("heading", { name: "The upgrade to 0.2.0 has ended badly" }).waitFor()
    await page.getByText("nbg1-a did not report back and runs 0.1.0 again.").waitFor()
    platform.upgrades.failsOn = null
    await page.getByRole("button", { name: "Upgrade 1 agent" }).click()
    await page.locator("wa-dialog").getByRole("button", { name: "Upgrade", exact: true }).click()
    await until("the agent to be new", () => platform.fleet.outdated().length === 0)
    await page.getByRole("heading", { name: /upgrade/i }).waitFor({ state: "detached" })
  })
})

describe("a worker that is called as one of the page's own addresses is", () => {
  it.each(["new", "policy", "audit"])("has a page of its own: %s", async (name) => {
    const { page } = here
    const { fleet } = here.fake.platform
    const before = fleet.workers
    onTestFinished(() => {
      fleet.workers = before
    })
    fleet.workers = before.map((worker) => (worker.name === "embedded" ? { ...worker, name } : worker))
    await here.go("/workers", "Workers")
    await page.getByRole("link", { name, exact: true }).click()
    await page.getByRole("heading", { name, exact: true }).waitFor()
    await page.getByRole("link", { name: "Settings" }).click()
    await page.getByRole("heading", { name: "Remove this worker" }).waitFor()
    expect(new URL(page.url()).pathname).toBe(`/workers/~${name}/settings`)
    await page.reload()
    await page.getByRole("heading", { name, exact: true }).waitFor()
    await page.getByRole("link", { name: "Workers" }).first().click()
    await page.getByRole("row", { name: /fsn1-a/ }).waitFor()
    await page.keyboard.press("Control+k")
    await page.getByRole("combobox", { name: "Search and commands" }).fill(`drain ${name}`)
    await page.getByRole("option", { name: `Drain ${name}` }).waitFor()
    await page.keyboard.press("Escape")
  })
})

describe("a worker", () => {
  it("is drained with its progress in sight, stopped, drained to its end and brought back", async () => {
    const { page } = here
    const { fleet } = here.fake.platform
    await here.go("/workers/fsn1-a", "fsn1-a")
    await page.getByRole("button", { name: "Drain", exact: true }).click()
    await page.getByText("Its 17 instances are started elsewhere first", { exact: false }).waitFor()
    await page.locator("wa-dialog").getByRole("button", { name: "Drain", exact: true }).click()
    await state().getByText("draining").waitFor()
    await page.getByText(/[1-9] of 17 moved/).waitFor()
    await page.getByRole("button", { name: "Stop draining" }).click()
    await state().getByText("active").waitFor()
    const left = fleet.find("fsn1-a").instances
    expect(left).toBeGreaterThan(0)
    await page.getByRole("button", { name: "Drain", exact: true }).click()
    await page.locator("wa-dialog").getByRole("button", { name: "Drain", exact: true }).click()
    await page.getByText(`${left} of ${left} moved`).waitFor()
    await state().getByText("drained").waitFor()
    await page.getByText("No instance is placed there.").waitFor()
    await page.getByRole("button", { name: "Bring back" }).click()
    await state().getByText("active").waitFor()
  })

  it("says what images take on it, from when on some go, and which did", async () => {
    const { page } = here
    await here.go("/workers/fsn1-a", "fsn1-a")
    const images = page.getByRole("region", { name: "Images" })
    await images.getByText("9 images, of which 2 can be spared.").waitFor()
    await images.getByText("more than 80 % of the disk is in use").waitFor()
    await images.getByRole("row", { name: /acme\/shop 4f4f4f4f4f4f 212 MiB/ }).waitFor()
  })

  it("gives the reason for what cannot be done now, by keyboard", async () => {
    const { page } = here
    await here.go("/workers/fsn1-a", "fsn1-a")
    await page.getByRole("button", { name: "Readmit" }).waitFor()
    await here.tabTo("button", /Readmit/)
    await page.getByRole("tooltip").getByText("It is not quarantined.").waitFor()
    await page.keyboard.press("Enter")
    expect(here.fake.platform.fleet.audit[0]?.action).not.toBe("worker.readmitted")
  })

  it("moves its services against the brake only after a warning", async () => {
    const { page } = here
    const { fleet } = here.fake.platform
    fleet.brake = { silent: 6, of: 10, since: new Date().toISOString() }
    await here.go("/workers/fsn1-b", "fsn1-b")
    await page.getByRole("button", { name: "Move its services now" }).click()
    await page.getByText("The brake holds:", { exact: true }).waitFor()
    await page.getByRole("button", { name: "Move them all the same" }).click()
    await page.getByText("The services of fsn1-b are being started elsewhere.").waitFor()
    expect(fleet.find("fsn1-b").instances).toBe(0)
    fleet.brake = null
    fleet.changed("fleet")
  })

  it("shows its last hours as charts that can be read by keyboard and in words", async () => {
    const { page } = here
    await here.go("/workers/fsn1-a", "fsn1-a")
    const cpu = page.getByRole("slider", { name: "CPU over time" })
    await cpu.waitFor()
    expect(await page.locator("sky-chart canvas").count()).toBe(4)
    const newest = await cpu.getAttribute("aria-valuetext")
    expect(newest).toMatch(/^\d\d:\d\d: \d+ % \(now \d+ %, between \d+ % and \d+ %\)$/)
    await cpu.focus()
    await page.keyboard.press("Home")
    await until("another value to be told", async () => (await cpu.getAttribute("aria-valuetext")) !== newest)
    await page.getByRole("radio", { name: "7 days" }).check()
    await until("more samples", async () => Number(await cpu.getAttribute("aria-valuemax")) > 900)
    expect(here.complaints).toEqual([])
  })

  it("is renamed, and its page moves with it", async () => {
    const { page } = here
    await here.go("/workers/hel1-a/settings", "hel1-a")
    const name = page.getByLabel("Name", { exact: true })
    await name.fill("embedded")
    await page.getByRole("button", { name: "Save" }).click()
    await page.getByText('The name "embedded" is taken.').waitFor()
    await name.fill("hel1-z")
    await page.getByLabel("Value of label 1").fill("nvme")
    await page.getByRole("button", { name: "Save" }).click()
    await page.getByRole("heading", { name: "hel1-z" }).waitFor()
    expect(new URL(page.url()).pathname).toBe("/workers/hel1-z/settings")
    expect(here.fake.platform.fleet.find("hel1-z").labels).toEqual({ disk: "nvme" })
  })

  it("gets a new identity by a command of its own", async () => {
    const { page } = here
    await page.getByRole("button", { name: "Make a command for it" }).click()
    await page.locator("wa-dialog").getByRole("button", { name: "Make the command" }).click()
    await page.getByRole("region", { name: "command", exact: true }).waitFor()
    expect(here.fake.platform.installations.all[0]?.replaces).toBe("hel1-z")
    await page.getByRole("heading", { name: "hel1-z is there" }).waitFor()
  })

  it("is removed only under its own name, and by force only when it does not answer", async () => {
    const { page } = here
    const { fleet } = here.fake.platform
    await here.go("/workers/hel1-z/settings", "hel1-z")
    const removal = page.getByRole("region", { name: "Remove this worker" })
    await removal.getByRole("button", { name: "Remove by force" }).focus()
    await page.getByRole("tooltip").getByText("It answers: remove it, and nothing is lost.").waitFor()
    await removal.getByRole("button", { name: "Remove", exact: true }).click()
    await page.getByRole("button", { name: "Remove the worker" }).click({ force: true })
    expect(fleet.find("hel1-z").availability).not.toBe("remove")
    await page.getByLabel(/to confirm/).fill("hel1-z")
    await page.getByRole("button", { name: "Remove the worker" }).click()
    await state().getByText("removed").waitFor()
    await page.getByRole("link", { name: "Events" }).click()
    await page.getByText("Its removal was started.").waitFor()
    await here.go("/workers/hel1-c/settings", "hel1-c")
    await removal.getByRole("button", { name: "Remove by force" }).click()
    await page.getByText("Volumes that are only there are lost").waitFor()
    await page.getByLabel(/to confirm/).fill("hel1-c")
    await page.locator("wa-dialog").getByRole("button", { name: "Remove by force" }).click()
    await state().getByText("removed").waitFor()
  })

  it("is drained from the palette", async () => {
    const { page } = here
    await here.go("/workers", "Workers")
    await page.keyboard.press("Control+k")
    await page.getByRole("combobox", { name: "Search and commands" }).fill("drain embedded")
    await page.getByRole("option", { name: "Drain embedded" }).waitFor()
    await page.keyboard.press("Enter")
    await page.getByText("embedded is being drained.").waitFor()
    expect(here.fake.platform.fleet.find("embedded").availability).toBe("drain")
  })
})
