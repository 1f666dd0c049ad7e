import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { BrowserContext, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { openBrowser } from "./lab/browser.ts"
import { usePlatform } from "./lab/platform.ts"
import { openPushedRepository, type PushedRepository } from "./lab/pushedRepository.ts"
import { until } from "./lab/until.ts"
import { ofWholeRun } from "./lab/wholeRun/ofWholeRun.ts"

const platform = usePlatform({ SKYPANEL_UI_FOLDER: await ofWholeRun("page") })
const profile = mkdtempSync(join(tmpdir(), "skypanel-push-"))
let repository: PushedRepository
let browser: BrowserContext
let page: Page

beforeAll(async () => {
  repository = await openPushedRepository()
  await repository.push({ "index.html": "<!doctype html><title>Shop</title><h1>First edition</h1>" })
  browser = await openBrowser(profile, [
    `--host-resolver-rules=MAP *.localhost ${platform().endpointAddress}`,
  ])
  page = browser.pages()[0] ?? (await browser.newPage())
  page.setDefaultTimeout(20_000)
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await repository?.close()
  rmSync(profile, { recursive: true, force: true })
})

const home = () => `${platform().url}/organizations/acme/services`
const button = (name: string) => page.getByRole("button", { name, exact: true })
/** What visitors read. */
const served = async () => (await platform().get("shop-acme.localhost")).text
const isServed = (text: string) =>
  until(`“${text}” to be served`, async () => ((await served()).includes(text) ? true : null))
const picture = async (name: string) => {
  const { SKYPANEL_PICTURES } = process.env
  if (SKYPANEL_PICTURES !== undefined)
    await page.screenshot({ path: join(SKYPANEL_PICTURES, `${name}.png`), fullPage: true })
}
/** Follows the deployment's own page to its end. */
const ends = async (number: number, state: RegExp) => {
  await page
    .getByRole("link", { name: `Deployment #${number}` })
    .first()
    .click()
  await page
    .getByRole("status", { name: "State of the deployment" })
    .getByText(state)
    .first()
    .waitFor({ timeout: 60_000 })
}

describe("a customer who pushes", () => {
  it("connects a repository", async () => {
    await page.goto(platform().url)
    await page.getByLabel("E-mail").fill(platform().email)
    await page.getByLabel("Password").fill(platform().password)
    await button("Sign in").click()
    await page.getByRole("link", { name: "New service" }).first().click()
    await page.getByRole("radio", { name: "Git repository" }).check({ force: true })
    await page.getByLabel("Repository URL").fill(repository.url)
    await page.getByLabel("Name", { exact: true }).fill("shop")
    await button("Deploy").click()
    await page
      .getByRole("status", { name: "State of the deployment" })
      .getByText(/live/)
      .waitFor({ timeout: 90_000 })
    await isServed("First edition")
    await page.goto(`${home()}/shop/settings`)
    await button("Make a webhook").click()
    const [url, secret] = await Promise.all(
      ["webhook URL", "webhook secret"].map((name) => page.getByRole("region", { name }).textContent()),
    )
    await picture("webhook")
    repository.tell(url!, secret!)
  }, 150_000)

  it("pushes a commit, and sees it go live by itself", async () => {
    await page.goto(`${home()}/shop`)
    const said = await repository.push({
      "index.html": "<!doctype html><title>Shop</title><h1>Second edition</h1>",
    })
    expect(said).toContain('"outcome":"deployed"')
    await ends(2, /live/)
    await page.getByText(/push/i).first().waitFor()
    await picture("live")
    expect(await served()).toContain("Second edition")
  }, 90_000)

  it("breaks it, is told why, and the release of before serves on", async () => {
    await page.goto(`${home()}/shop`)
    await repository.push({ "default.nix": "{ pkgs, ... }:\npkgs.nodjs\n" })
    await ends(3, /failed/)
    const alert = page.getByRole("alert").first()
    await alert.getByText(/There is no attribute “nodjs”/).waitFor()
    await alert
      .getByText(/nodejs/)
      .first()
      .waitFor()
    await alert.getByText("Release #2 goes on serving.").waitFor()
    await picture("failed")
    expect(await served()).toContain("Second edition")
    await page.goto(`${home()}/shop`)
    await page
      .getByText(/There is no attribute “nodjs”/)
      .first()
      .waitFor()
    await page.getByRole("status", { name: "State", exact: true }).getByText(/live/).waitFor()
    await picture("serves-on")
  }, 90_000)

  it("rolls back by the button, and it is served", async () => {
    await page.goto(`${home()}/shop/releases`)
    await page.getByRole("button", { name: "Roll back to release 1" }).click()
    await picture("roll-back")
    await button("Roll back").click()
    await isServed("First edition")
    await page.goto(`${home()}/shop`)
    await ends(4, /live/)
    await picture("rolled-back")
  }, 60_000)
})
