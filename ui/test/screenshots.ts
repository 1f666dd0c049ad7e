import { mkdirSync } from "node:fs"
import { join } from "node:path"
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
  about: "/about",
  demo: "/demo",
  "not-found": "/nowhere",
  gone: `${services}/gone`,
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
      await page.goto(fake.url + path)
      await page.getByRole("main").waitFor()
      await page.waitForFunction(() => document.title.includes("SkyPanel"))
      await page.waitForTimeout(450)
      await page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}.png`), fullPage: true })
    }
    await close()
  }
await fake.close()
process.exit(0)
