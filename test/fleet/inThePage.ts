import type { Browser, Locator, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { openBrowserForSeveral } from "../lab/browser.ts"
import { type FleetWorker, inFleet, type TestFleet } from "../lab/fleet.ts"
import type { LabWorker } from "../lab/lab.ts"
import { until } from "../lab/until.ts"
import { fetchScript } from "./machine.ts"
import { photograph } from "./screenshots.ts"

/** The life of a worker in the page, as it is shipped: added, watched, lost, back, drained, removed. */
export const inThePage = (fleet: () => TestFleet) => {
  const { deploy, service, homesOf, isAnswering } = inFleet(fleet)
  const services = "/organizations/acme/services"
  let browser: Browser
  /** Of one who stays at the list of all workers from the first test to the last, and never loads it again. */
  let list: Page
  /** Of one who goes about. */
  let page: Page
  let machine: LabWorker
  let added: FleetWorker

  beforeAll(async () => {
    machine = await fleet().addMachine()
    browser = await openBrowserForSeveral()
    list = await signedIn()
    page = await signedIn()
  }, 240_000)
  afterAll(async () => {
    await browser?.close()
  })

  const signedIn = async () => {
    const one = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    one.setDefaultTimeout(15_000)
    await one.goto(fleet().url)
    await one.getByLabel("E-mail").fill(fleet().email)
    await one.getByLabel("Password").fill(fleet().password)
    await button("Sign in", one).click()
    await one.getByRole("link", { name: "Workers" }).first().click()
    await one.getByRole("heading", { name: "Workers", exact: true }).waitFor()
    return one
  }
  const button = (name: string, where: Page | Locator = page) =>
    where.getByRole("button", { name, exact: true })
  const dialog = () => page.locator("wa-dialog")
  const row = (name: string) => list.getByRole("row", { name: new RegExp(`^${name}\\b`) })
  const state = () => page.getByRole("status", { name: "State", exact: true })
  const shows = (where: Page | Locator, text: string | RegExp, seconds = 15) =>
    where
      .getByText(text)
      .first()
      .waitFor({ timeout: seconds * 1000 })
  const goTo = async (path: string, heading: string) => {
    await page.goto(fleet().url + path)
    await page.getByRole("heading", { name: heading, exact: true }).waitFor()
  }

  let command = ""

  it("sees all workers at a glance", async () => {
    for (const name of ["builder", "hel1-a", "nbg1-a"]) await shows(row(name), "active")
    await shows(row("builder"), "development")
    await shows(row("hel1-a"), /\d+ % of \d+ cores/)
    await shows(row("hel1-a"), "1 instance")
    await photograph(list, "workers")
  }, 60_000)

  it("is shown one command, once", async () => {
    await page.getByRole("link", { name: "Add worker" }).click()
    await page.getByLabel("Name", { exact: true }).fill("fsn1-a")
    await page.getByLabel("Region").fill("fsn1")
    await button("Add label").click()
    await page.getByLabel("Name of label 1").fill("disk")
    await page.getByLabel("Value of label 1").fill("nvme")
    await page.getByRole("checkbox", { name: /Runs services/ }).check({ force: true })
    await page.getByRole("checkbox", { name: /Takes visitors/ }).check({ force: true })
    await photograph(page, "add")
    await button("Make the command").click()
    command = (await page.getByRole("region", { name: "command", exact: true }).textContent()) ?? ""
    await page.getByRole("heading", { name: "Waiting for the machine…" }).waitFor()
    await photograph(page, "command")
    const { body } = await fleet().api("GET", "/installations")
    expect(body[0]).toMatchObject({ name: "fsn1-a", state: "open", labels: { disk: "nvme" }, region: "fsn1" })
    expect(JSON.stringify(body)).not.toContain(/install\/([^']+)/.exec(command)![1])
  }, 60_000)

  it("sees the machine that uses it on its way, and the page turns into the new worker", async () => {
    const { script, token } = await fetchScript(fleet(), machine, command)
    expect(script).toMatch(/^#!\/bin\/sh\n/)
    await page.getByRole("heading", { name: "The machine is on its way…" }).waitFor()
    added = await fleet().addWorker({}, { name: "fsn1-a", machine, token })
    await page.getByRole("heading", { name: "fsn1-a is there" }).waitFor({ timeout: 30_000 })
    await photograph(page, "arrived")
    await shows(row("fsn1-a"), "active", 5)
    await shows(row("fsn1-a"), "fsn1", 1)
    await page.waitForURL("**/workers/fsn1-a")
    await shows(state(), "active")
    await shows(page, "disk: nvme")
    expect((await fetchScript(fleet(), machine, command)).script).toContain("has been used")
    await goTo("/workers/audit", "Audit")
    await shows(page.getByRole("row", { name: /fsn1-a/ }), /was added with an installation of administrator/)
    await photograph(page, "audit")
  }, 90_000)

  it("sees what runs there, how it is, and how it was", async () => {
    await deploy("keeper", {
      volume: { path: "/data", sizeBytes: 64 * 2 ** 20, whenWorkerIsLost: "wait" },
    })
    expect((await homesOf("keeper"))[0]?.name).toBe("fsn1-a")
    expect((await fleet().api("PATCH", `${services}/web`, { replicas: 3 })).status).toBe(202)
    await goTo("/workers/fsn1-a", "fsn1-a")
    const runs = page.getByRole("region", { name: "What runs there" })
    for (const name of ["keeper", "web"])
      await shows(runs.getByRole("row", { name: new RegExp(name) }), "serving", 60)
    await shows(row("fsn1-a"), "2 instances")
    await page.getByRole("slider", { name: "CPU over time" }).waitFor()
    await shows(page, /\d+ % of \d+ cores/)
    await photograph(page, "worker")
    await page.getByRole("link", { name: "Events" }).click()
    await shows(page, "worker.admitted")
    await photograph(page, "events")
  }, 120_000)

  it("sees it die, with everything of it at once, and come back", async () => {
    await page.getByRole("link", { name: "Overview" }).click()
    await added.powerOff()
    await shows(row("fsn1-a"), "suspect", 30)
    await shows(state(), "suspect")
    await shows(page, /Neither its agent nor its proxy answers/)
    await list.getByRole("button", { name: /^Notifications, \d+ unread$/ }).waitFor()
    await photograph(page, "lost")
    await photograph(list, "workers-lost")
    await added.powerOn()
    await shows(row("fsn1-a"), "active", 60)
    await shows(state(), "active")
    await isAnswering(added, "keeper")
  }, 120_000)

  it("drains it, sees what cannot go, and stops", async () => {
    await fleet().api("PATCH", `${services}/web`, { replicas: 4 })
    await until("an instance to be there again", async () => {
      const homes = await homesOf("web")
      return homes.length === 4 && homes.includes(added) ? true : null
    })
    await button("Drain").click()
    await button("Drain", dialog()).click()
    await shows(state(), "draining")
    await shows(row("fsn1-a"), "draining")
    const progress = page.getByRole("group", { name: "Draining" })
    await shows(progress, /[1-9] of [2-9] moved, 1 left/, 60)
    await shows(progress, /its data is on fsn1-a/)
    await photograph(page, "draining")
    await button("Stop draining").click()
    await shows(state(), "active")
    await shows(row("fsn1-a"), "active")
  }, 120_000)

  it("drains it to its end, and brings it back", async () => {
    await fleet().api("DELETE", `${services}/keeper`)
    await until("the service to be gone", async () =>
      (await service("keeper"))._tag === "NotFound" ? true : null,
    )
    await button("Drain").click()
    await button("Drain", dialog()).click()
    await shows(state(), "drained", 60)
    await shows(page, "No instance is placed there.")
    await photograph(page, "drained")
    await button("Bring back").click()
    await shows(state(), "active")
  }, 120_000)

  it("removes it by typing its name; it is gone from the list, and its history stays", async () => {
    await button("Remove…").click()
    await dialog()
      .getByLabel(/to confirm/)
      .fill("fsn1-a")
    await photograph(page, "remove")
    await button("Remove the worker", dialog()).click()
    await shows(state(), "removed", 60)
    await row("fsn1-a").waitFor({ state: "detached" })
    await page.getByRole("link", { name: "Events" }).click()
    await shows(page, "worker.removed")
    await photograph(page, "removed")
    await added.agent.end("SIGTERM")
  }, 120_000)

  it("opens a worker that is called as one of the page's own addresses is", async () => {
    await goTo("/workers/nbg1-a/settings", "nbg1-a")
    await page.getByLabel("Name", { exact: true }).fill("new")
    await button("Save").click()
    await page.getByRole("heading", { name: "new", exact: true }).waitFor()
    await row("nbg1-a").waitFor({ state: "detached" })
    await row("new").getByRole("link", { name: "new", exact: true }).click()
    await list.getByRole("heading", { name: "new", exact: true }).waitFor()
    expect(new URL(list.url()).pathname).toBe("/workers/~new")
    await list.reload()
    await shows(list.getByRole("status", { name: "State", exact: true }), "active")
    await fleet().api("PATCH", "/workers/new", { name: "nbg1-a" })
  }, 60_000)
}
