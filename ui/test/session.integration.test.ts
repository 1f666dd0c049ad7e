import { beforeAll, describe, expect, it } from "vitest"
import { signIn } from "./browser.ts"
import { services, until, usePage } from "./usePage.ts"

const here = usePage()

beforeAll(async () => {
  here.fake.platform.create("acme", { name: "shop", source: { _tag: "template", template: "nodejs" } })
  await signIn(here.page, here.fake.url)
})

describe("a lost connection", () => {
  it("shows a mark, and the page is true again without a reload", async () => {
    await here.go(services, "Services")
    const row = here.page.getByRole("row", { name: /shop/ })
    await row.waitFor()
    here.fake.platform.broken = true
    here.fake.platform.events.emit("drop-streams")
    await here.page.getByText("not live").waitFor()
    here.fake.platform.find("shop").service.state = "degraded"
    here.fake.platform.broken = false
    await row.getByText("degraded").waitFor()
    await here.page.getByText("not live").waitFor({ state: "detached" })
    here.fake.platform.find("shop").service.state = "live"
  })
})

describe("a tab that nobody looks at", () => {
  it("keeps no connection from the other tabs, and is true again when it is looked at", async () => {
    const { page, fake } = here
    const look = (visibilityState: "hidden" | "visible") =>
      page.evaluate((state) => {
        Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state })
        document.dispatchEvent(new Event("visibilitychange"))
      }, visibilityState)
    const streams = () => fake.platform.events.listenerCount("drop-streams")
    await here.go(services, "Services")
    const row = page.getByRole("row", { name: /shop/ })
    await row.waitFor()
    await until("the page to be live", () => streams() === 3)
    await look("hidden")
    await until("its streams to end", () => streams() === 0)
    fake.platform.find("shop").service.state = "degraded"
    await look("visible")
    await row.getByText("degraded").waitFor()
    await until("the page to be live again", () => streams() === 3)
    expect(await page.getByText("not live").count()).toBe(0)
    fake.platform.find("shop").service.state = "live"
  })
})

describe("somebody who is no administrator", () => {
  it("sees no workers, and is asked to sign in again when the session ends", async () => {
    await here.browser.context.clearCookies()
    await signIn(here.page, here.fake.url, "member")
    expect(await here.page.getByRole("link", { name: "Workers" }).count()).toBe(0)
    await here.page.getByRole("button", { name: "Notifications", exact: true }).waitFor()
    await here.go("/workers", "For administrators only")
    expect(here.complaints).toEqual([])
    await here.go(services, "Services")
    await here.browser.context.clearCookies()
    here.fake.platform.changed("service", "shop", null)
    await here.page.getByRole("button", { name: "Sign in" }).waitFor()
  })
})
