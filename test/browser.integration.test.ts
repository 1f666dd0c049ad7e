import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { BrowserContext, Locator, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { openBrowser } from "./lab/browser.ts"
import { usePlatform } from "./lab/platform.ts"
import { makeRepository, type TestRepository } from "./lab/repository.ts"
import { until } from "./lab/until.ts"
import { ofWholeRun } from "./lab/wholeRun/ofWholeRun.ts"

const platform = usePlatform({ SKYPANEL_UI_FOLDER: await ofWholeRun("page") })
const profile = mkdtempSync(join(tmpdir(), "skypanel-browser-"))
let repository: TestRepository | undefined
let browser: BrowserContext
let page: Page

beforeAll(async () => {
  repository = await makeRepository()
  await repository.commit({
    "index.html": "<!doctype html><title>Static</title><h1>Hello from a repository</h1>",
  })
  // The worker's proxy has an address of its own in the test; in development it is this machine's.
  browser = await openBrowser(profile, [
    `--host-resolver-rules=MAP *.localhost ${platform().endpointAddress}`,
  ])
  page = browser.pages()[0] ?? (await browser.newPage())
  page.setDefaultTimeout(15_000)
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await repository?.close()
  rmSync(profile, { recursive: true, force: true })
})

const button = (name: string) => page.getByRole("button", { name, exact: true })
const state = () => page.getByRole("status", { name: "State", exact: true })

/** Waits until the element, or what its own elements draw, shows the text. */
const shows = (where: Locator, text: RegExp, seconds = 90) =>
  where
    .getByText(text)
    .first()
    .waitFor({ timeout: seconds * 1000 })

const openDoor = async (name: string) => {
  await page.goto(`${platform().url}/organizations/acme/services`)
  await page.getByRole("link", { name: "New service" }).first().click()
  await page.getByRole("radio", { name }).check({ force: true })
}

/** Deploys what the form holds and follows the timeline until it is live; gives the page that the URL shows. */
const deployAndOpen = async (name: string) => {
  await page.getByLabel("Name", { exact: true }).fill(name)
  await shows(page.getByRole("status", { name: "Price" }), /\$\d/, 5)
  await button("Deploy").click()
  const deployment = page.getByRole("status", { name: "State of the deployment" })
  await shows(deployment, /live|failed/, 150)
  await shows(deployment, /live/, 1)
  const url = await page.getByRole("link", { name: "Open" }).first().getAttribute("href")
  expect(url).toBe(`http://${name}-acme.localhost:${platform().endpointPort}`)
  const visitor = await browser.newPage()
  await visitor.goto(url!)
  const text = (await visitor.textContent("body")) ?? ""
  await visitor.close()
  return text
}

describe("a customer in the browser", () => {
  it("signs in, and an empty dashboard tells what to do", async () => {
    await page.goto(platform().url)
    await page.getByLabel("E-mail").fill(platform().email)
    await page.getByLabel("Password").fill(platform().password)
    await button("Sign in").click()
    await page.getByRole("heading", { name: "Services" }).waitFor()
    await page.getByRole("link", { name: "New service" }).first().waitFor()
  }, 60_000)

  it("deploys a template with a variable of theirs, and watches the build", async () => {
    await openDoor("Template")
    await page.getByRole("radio", { name: "Node.js" }).check({ force: true })
    await page.getByLabel("Value of variable 1").fill("Hello from the browser")
    expect(await deployAndOpen("from-template")).toContain("Hello from the browser")
    const steps = page.getByRole("list", { name: "Steps of the deployment" })
    for (const step of [/queued/i, /building/i, /publishing/i, /rolling out/i, /verifying/i])
      await shows(steps, step, 5)
    // The README's picture: SKYPANEL_SCREENSHOT=docs/screenshot.png npm test -- test/browser
    const { SKYPANEL_SCREENSHOT } = process.env
    if (SKYPANEL_SCREENSHOT !== undefined) await page.screenshot({ path: SKYPANEL_SCREENSHOT })
  }, 240_000)

  it("deploys a Git repository", async () => {
    await openDoor("Git repository")
    await page.getByLabel("Repository URL").fill(repository!.url)
    expect(await deployAndOpen("from-repository")).toContain("Hello from a repository")
  }, 240_000)

  it("deploys a Nix expression", async () => {
    await openDoor("Nix expression")
    await page.getByRole("textbox", { name: "Nix expression" }).fill(`{ pkgs, ... }:
pkgs.writeShellScriptBin "hello" ''
  exec \${pkgs.nodejs}/bin/node -e 'console.log("started"); process.on("SIGTERM", () => process.exit(0)); require("http").createServer((q, a) => a.end("Hello from an expression")).listen(process.env.PORT)'
''`)
    expect(await deployAndOpen("from-expression")).toContain("Hello from an expression")
  }, 240_000)

  it("reads live logs", async () => {
    await page.goto(`${platform().url}/organizations/acme/services/from-expression/logs`)
    const log = page.getByRole("log")
    await shows(log, /started/, 20)
  }, 60_000)

  it("stops, starts, restarts, redeploys and rolls back, and sees each", async () => {
    const service = `${platform().url}/organizations/acme/services/from-expression`
    const stateIs = (wanted: RegExp, seconds = 60) => shows(state(), wanted, seconds)
    const open = () => page.goto(service)
    await open()
    await stateIs(/live/)
    await button("Stop").click()
    await button("Stop the service").click()
    await stateIs(/stopped/, 5)
    await button("Start").click()
    await stateIs(/live/)

    const address = "/organizations/acme/services/from-expression"
    const serves = async () => (await platform().api("GET", address)).body
    const toEndLive = (what: string, before: { readonly number: number }) =>
      until(`${what} to end live`, async () => {
        const { deployment } = await serves()
        return deployment.number > before.number && deployment.status === "live" ? true : null
      })
    for (const action of ["Restart", "Redeploy"]) {
      await open()
      await stateIs(/live/)
      const { deployment } = await serves()
      await button(action).click()
      await toEndLive(action, deployment)
      // What is the same already needs no roll-out, unless it is asked for.
      const [ended] = (await platform().api("GET", `${address}/deployments`)).body
      expect(ended.receipt?.unchanged === true).toBe(action === "Redeploy")
    }

    const { deployment } = await serves()
    await platform().api("PATCH", address, { environment: { GREETING: "Good day" } })
    await toEndLive("another greeting", deployment)
    await page.goto(`${service}/releases`)
    await page.getByRole("button", { name: "Roll back to release 1" }).click()
    await button("Roll back").click()
    await until("release 1 to serve", async () => {
      const { release, deployment } = await serves()
      return release === 1 && deployment.status === "live" ? true : null
    })
  }, 240_000)

  it("is told in plain words what is wrong with an expression", async () => {
    await openDoor("Nix expression")
    await page.getByRole("textbox", { name: "Nix expression" }).fill("{ pkgs, ... }:\npkgs.nodjs")
    await page.getByLabel("Name", { exact: true }).fill("wrong")
    await button("Deploy").click()
    const alert = page.getByRole("alert").first()
    await shows(alert, /nodjs/)
    await shows(alert, /nodejs/, 5)
  }, 90_000)

  it("deletes a service by typing its name", async () => {
    await page.goto(`${platform().url}/organizations/acme/services/from-repository`)
    await button("Delete").click()
    await page.getByLabel(/to confirm/).fill("from-repository")
    await button("Delete the service").click()
    await until("the service to be gone", async () =>
      (await platform().api("GET", "/organizations/acme/services/from-repository")).status === 404
        ? true
        : null,
    )
  }, 60_000)
})
