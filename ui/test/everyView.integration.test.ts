import { beforeAll, describe, expect, it } from "vitest"
import { signIn } from "./browser.ts"
import { services, until, usePage } from "./usePage.ts"

const here = usePage()

describe("every view", () => {
  beforeAll(async () => {
    const { platform } = here.fake
    const source = { _tag: "template", template: "nodejs" } as const
    for (const name of ["shop", "fail-syntax"]) platform.create("acme", { name, source })
    platform.inbox.tell({ kind: "worker-lost", tone: "bad", title: "fsn1-b is suspect.", worker: "fsn1-b" })
    platform.inbox.tell({ kind: "drain", tone: "good", title: "hel1-a is drained.", read: true })
    await signIn(here.page, here.fake.url)
    await until("the deployments to end", () =>
      [...platform.services.values()].every(({ service }) => service.state !== "deploying"),
    )
  })

  const views: readonly (readonly [path: string, heading: string | RegExp])[] = [
    [services, "Services"],
    ["/organizations/initech/services", "Nothing runs here yet"],
    ["/organizations/acme/new-service", "New service"],
    ["/organizations/acme/new-service?from=template&template=nodejs", "New service"],
    ["/organizations/acme/new-service?from=expression", "New service"],
    ["/organizations/acme/new-service?from=folder", "New service"],
    [`${services}/shop`, "shop"],
    [`${services}/shop/deployments`, "shop"],
    [`${services}/shop/builds`, "shop"],
    [`${services}/fail-syntax/builds`, "fail-syntax"],
    [`${services}/shop/releases`, "shop"],
    [`${services}/shop/logs`, "shop"],
    [`${services}/shop/configuration`, "shop"],
    [`${services}/shop/settings`, "shop"],
    [`${services}/shop/deployments/1`, "Deployment #1"],
    [`${services}/fail-syntax/deployments/1`, "Deployment #1"],
    ["/organizations/acme/stacks", "Stacks"],
    ["/organizations/acme/new-stack", "New stack"],
    ["/organizations/acme/manage-stacks", "Manage the library"],
    ["/organizations/acme/templates", "Templates"],
    ["/organizations/acme/manage-templates", "Manage templates"],
    ["/organizations/acme/builds", "Builds"],
    ["/organizations/acme/registries", "Registries"],
    ["/builds", "Builds"],
    ["/workers", "Workers"],
    ["/workers/new", "Add worker"],
    ["/workers/fsn1-a", "fsn1-a"],
    ["/workers/fsn1-b", "fsn1-b"],
    ["/workers/fsn1-c", "fsn1-c"],
    ["/workers/nbg1-new", "nbg1-new"],
    ["/workers/fsn1-a/events", "fsn1-a"],
    ["/workers/hel1-c/settings", "hel1-c"],
    ["/workers/policy", "Fleet policy"],
    ["/workers/audit", "Audit"],
    ["/artifacts", "Artifacts"],
    ["/notifications", "Notifications"],
    ["/about", "About this platform"],
    ["/demo", "Elements"],
    ["/nowhere", "There is nothing here"],
  ]

  const [wide, narrow] = [
    { width: 1280, height: 800 },
    { width: 390, height: 800 },
  ]

  /** Each view is loaded once: that takes longer than looking at it. */
  it("passes axe wide and narrow, fits into a narrow window, and can be read in the dark theme", async () => {
    const { page } = here
    const found: string[] = []
    const look = async (what: string, colours: "all" | "colours" = "all") =>
      found.push(...(await here.axe(colours)).map((violation) => `${what}: ${violation}`))
    for (const [path, heading] of views) {
      await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" })
      await page.setViewportSize(wide)
      await here.go(path, heading)
      if (path !== "/demo") await page.locator("sky-skeleton").first().waitFor({ state: "detached" })
      await look(`${path}, wide`)
      await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" })
      await look(`${path}, dark`, "colours")
      await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" })
      const overflow = await here.overflowOnPhone()
      if (overflow > 0) found.push(`${path}: ${overflow} px wider than a phone`)
      await page.setViewportSize(narrow)
      await look(`${path}, narrow`)
    }
    await page.setViewportSize(wide)
    expect(found).toEqual([])
  }, 300_000)

  it("has asked nobody else for anything by then, and broken no rule of the security policy", async () => {
    await here.page.getByRole("button", { name: /^Account/ }).click()
    await here.page.getByRole("menuitemcheckbox", { name: "Theme: dark" }).click()
    expect(await here.page.evaluate(() => document.documentElement.dataset.theme)).toBe("dark")
    expect(here.foreign).toEqual([])
    expect(here.complaints).toEqual([])
  })
})
