import { mkdirSync } from "node:fs"
import { join } from "node:path"
import type { Page } from "playwright-core"
import { openBrowser, signIn } from "./browser.ts"
import { play } from "./contract-server/play.ts"
import { startFake } from "./contract-server/server.ts"

/**
 * `node ui/test/screenshots.ts FOLDER [part of a view's name]`: every view of the built page, wide and narrow, light
 * and dark, over the fake, for looking at them.
 */
const [folder = "test-results/page", only = ""] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })

const services = "/organizations/acme/services"
const views: Record<string, string> = {
  services,
  empty: "/organizations/initech/services",
  "new-doors": "/organizations/initech/new-service",
  "new-template": "/organizations/acme/new-service?from=template&template=nodejs",
  "new-git": "/organizations/acme/new-service?from=git",
  "new-expression": "/organizations/acme/new-service?from=expression",
  service: `${services}/shop`,
  degraded: `${services}/api`,
  stopped: `${services}/docs`,
  deployments: `${services}/shop/deployments`,
  releases: `${services}/shop/releases`,
  logs: `${services}/shop/logs`,
  configuration: `${services}/shop/configuration`,
  settings: `${services}/shop/settings`,
  "deployment-live": `${services}/shop/deployments/2`,
  "deployment-running": `${services}/worker/deployments/1`,
  "deployment-failed": `${services}/fail-syntax/deployments/1`,
  "deployment-failed-late": `${services}/fail-exit/deployments/1`,
  templates: "/organizations/acme/templates",
  workers: "/workers",
  "workers-brake": "/workers",
  "workers-upgrade": "/workers",
  "workers-empty": "/workers",
  "worker-new": "/workers/new",
  "worker-command": "/workers/new",
  "worker-arrived": "/workers/new",
  worker: "/workers/fsn1-a",
  "worker-draining": "/workers/fsn1-c",
  "worker-suspect": "/workers/fsn1-b",
  "worker-joining": "/workers/nbg1-new",
  "worker-events": "/workers/fsn1-a/events",
  "worker-settings": "/workers/hel1-c/settings",
  policy: "/workers/policy",
  audit: "/workers/audit",
  notifications: "/notifications",
  bell: services,
  about: "/about",
  demo: "/demo",
  "not-found": "/nowhere",
  gone: `${services}/gone`,
}

/** What a view needs besides its address. */
const prepared: Record<string, (page: Page) => Promise<void>> = {
  "workers-brake": async () => {
    fake.platform.fleet.brake = { silent: 6, of: 10, since: new Date(Date.now() - 40_000).toISOString() }
  },
  "workers-upgrade": async () => {
    fake.platform.upgrades.start("ada@example.org")
  },
  "workers-empty": async () => {
    fake.platform.fleet.workers = []
  },
  "worker-command": makeCommand,
  "worker-arrived": async (page) => {
    await makeCommand(page)
    const { installations } = fake.platform
    const [made] = installations.all
    installations.fetched(made!.id)
    installations.used(made!.id)
    const worker = fake.platform.fleet.find(installations.find(made!.id).worker!)
    fake.platform.fleet.become(worker, "active")
    await page.getByRole("button", { name: "Stay here" }).click()
  },
  bell: async (page) => {
    await page.getByRole("button", { name: /^Notifications/ }).click()
  },
}

async function makeCommand(page: Page): Promise<void> {
  await page.getByLabel("Name", { exact: true }).fill(`new-${fake.platform.installations.all.length}`)
  await page.getByRole("button", { name: "Make the command" }).click()
  await page.getByRole("heading", { name: "Waiting for the machine…" }).waitFor()
}

const fake = await startFake({ stepMs: 60_000 })
play(fake.platform)
const sizes = { wide: { width: 1280, height: 800 }, narrow: { width: 390, height: 844 } }
for (const [size, viewport] of Object.entries(sizes))
  for (const colorScheme of ["light", "dark"] as const) {
    const { context, close } = await openBrowser({ viewport, colorScheme, hasTouch: size === "narrow" })
    const page = context.pages()[0]!
    page.on("console", (message) => message.type() === "error" && console.log(size, message.text()))
    page.on("pageerror", (error) => console.log(size, error.message))
    if ("sign-in".includes(only)) {
      await page.goto(fake.url)
      await page.getByLabel("E-mail").waitFor()
      await page.screenshot({ path: join(folder, `sign-in-${size}-${colorScheme}.png`) })
    }
    await signIn(page, fake.url)
    for (const [name, path] of Object.entries(views)) {
      if (!name.includes(only)) continue
      const { workers } = fake.platform.fleet
      await page.goto(fake.url + path)
      await page.getByRole("main").waitFor()
      await prepared[name]?.(page)
      if (name.startsWith("workers-")) await page.reload()
      await page.waitForFunction(() => document.title.includes("SkyPanel"))
      await page.waitForTimeout(600)
      await page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}.png`), fullPage: true })
      Object.assign(fake.platform.fleet, { workers, brake: null, upgrade: null })
    }
    await close()
  }
await fake.close()
process.exit(0)
