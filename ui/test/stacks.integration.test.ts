import { beforeAll, describe, expect, it } from "vitest"
import { signIn } from "./browser.ts"
import { until, usePage } from "./usePage.ts"

const here = usePage()
const stacks = "/organizations/acme/stacks"

beforeAll(() => signIn(here.page, here.fake.url))

describe("stacks", () => {
  it("are made from the library by a form that names what is wrong", async () => {
    const { page } = here
    await here.go(stacks, "No stacks yet")
    await page.getByRole("link", { name: "New stack" }).click()
    await page.getByRole("radio", { name: "Application + PostgreSQL" }).check()
    await page.getByLabel("Name", { exact: true }).fill("Shop")
    await page.getByLabel("Volume").fill("much")
    await page.getByRole("button", { name: "Create and deploy" }).click()
    await until(
      "the name to be marked",
      async () => (await page.getByLabel("Name", { exact: true }).getAttribute("aria-invalid")) === "true",
    )
    const [database, application] = ["db", "web"].map((key) =>
      page.locator("sky-stack-part").filter({ has: page.getByText(key, { exact: true }) }),
    )
    await database!.getByText("db.password is generated for this stack.").waitFor()
    expect(await database!.getByLabel("Name of variable 1").getAttribute("readonly")).not.toBeNull()
    await application!.getByRole("button", { name: "Add variable" }).click()
    await application!.getByLabel("Name of variable 2").fill("GREETING")
    await application!.getByLabel("Value of variable 2").fill("Grüezi")
    expect(await here.axe()).toEqual([])
    await page.getByLabel("Name", { exact: true }).fill("shop")
    await page.getByLabel("Volume").fill("5 GiB")
    expect(await application!.getByRole("group", { name: "Fetch as well" }).count()).toBe(0)
    await page.getByLabel("Git repository").fill("https://git.example.org/acme/shop.git")
    await page.getByRole("checkbox", { name: "Submodules" }).check()
    expect(await here.axe()).toEqual([])
    await page.getByRole("button", { name: "Create and deploy" }).click()
    await page.getByRole("heading", { name: "shop" }).waitFor()
    const [, web] = here.fake.platform.stacks.find("shop").services
    const url = "https://git.example.org/acme/shop.git"
    expect(web!.source).toEqual({ _tag: "git", url, ref: null, submodules: true })
    expect(web!.environment).toEqual({
      DATABASE_URL: "postgresql://app:${db.password}@${db.host}:${db.port}/app",
      GREETING: "Grüezi",
    })
  })

  it("are one page: the services with their states, secrets that are shown when asked, revisions", async () => {
    const { page } = here
    await page.getByRole("link", { name: "web, needs db" }).waitFor()
    expect(await page.getByText("shown-when-asked").count()).toBe(0)
    await page.getByText("never shown").waitFor()
    await page.getByRole("button", { name: "Show db.password" }).click()
    await page.getByText("shown-when-asked").waitFor()
    await page.getByText("shown to kim@example.com").waitFor()
    await page.getByRole("button", { name: "Rotate db.password" }).click()
    await page.getByText("From the first to the last").waitFor()
    await page.locator("sky-confirm").getByRole("button", { name: "Rotate" }).click()
    await page.getByText("db.password rotated").waitFor()
    expect(await page.getByText("shown-when-asked").count()).toBe(0)
    await page.getByRole("button", { name: "Update" }).click()
    await page.getByRole("button", { name: "Roll back to revision 2" }).waitFor()
    // Whoever is at an order stays at it when a revision comes before it.
    const back = page.getByRole("button", { name: "Roll back to revision 1" })
    await back.focus()
    here.fake.platform.stacks.update("shop", undefined)
    await page.getByRole("button", { name: "Roll back to revision 3" }).waitFor()
    expect(await back.evaluate((button) => button.matches(":focus"))).toBe(true)
    await back.click()
    await page.getByText("is used as of now: the value of then is gone.").waitFor()
    await page.locator("sky-confirm").getByRole("button", { name: "Roll back" }).click()
    await page.getByText("rolled back to #1").waitFor()
    expect(await here.axe()).toEqual([])
  })

  it("say which service failed and why", async () => {
    here.fake.platform.stacks.create({ name: "fail-shop", template: "web-postgres" })
    await here.go(`${stacks}/fail-shop`, "fail-shop")
    await here.page.getByRole("alert").getByText("db: The program ended with code 1").waitFor()
    expect(await here.axe()).toEqual([])
  })

  it("fit a phone", async () => {
    await here.page.setViewportSize({ width: 390, height: 800 })
    for (const [path, heading] of [
      [stacks, "Stacks"],
      [`${stacks}/shop`, "shop"],
      ["/organizations/acme/new-stack", "New stack"],
    ] as const) {
      await here.go(path, heading)
      expect(await here.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBe(0)
    }
    await here.page.setViewportSize({ width: 1280, height: 800 })
  })

  it("are deleted once it is said what becomes of the volume", async () => {
    const { page } = here
    await here.go(`${stacks}/shop`, "shop")
    await page.getByRole("button", { name: "Delete" }).click()
    await page.getByRole("radio", { name: "It goes too, with what is in its volume" }).check()
    await page.getByLabel("Type shop to confirm").fill("shop")
    await page.locator("sky-confirm").getByRole("button", { name: "Delete" }).click()
    await page.getByRole("heading", { name: "Stacks" }).waitFor()
    expect(here.fake.platform.stacks.stacks.has("shop")).toBe(false)
  })

  it("of one's own are written with the checks and the picture beside, tried, and offered", async () => {
    const { page } = here
    await here.go("/organizations/acme/stacks", "Stacks")
    await page.getByRole("link", { name: "Manage the library" }).click()
    await page.getByRole("button", { name: "New stack of the library" }).first().click()
    const text = page.getByLabel("Services, as stack.json has them")
    await page.getByText("Nothing is wrong with it.").waitFor()
    const written = await text.inputValue()
    await text.fill(written.replace('"needs": ["db"]', '"needs": ["db", "cache"]'))
    await page.getByText('Line 21, services.web.needs: the stack has no service "cache"').waitFor()
    await page.getByRole("region", { name: "Picture" }).getByText("PostgreSQL 15").waitFor()
    expect(await here.axe()).toEqual([])
    await text.fill(`${written.slice(0, -2)},`)
    await page.getByText("it is not JSON").waitFor()
    await text.fill(written.replace('"git": "https://github.com/example/shop.git"', '"expression": "broken"'))
    await page.getByRole("button", { name: "Save as a draft" }).click()
    const shop = page.getByRole("region", { name: "shop", exact: true })
    await shop.getByRole("button", { name: "Validate: version 1" }).click()
    const trial = shop.getByRole("region", { name: "Trial of web" })
    await trial.getByRole("heading", { name: /syntax error/ }).waitFor()
    await trial.getByText("building shop-web").waitFor()
    expect(await here.axe()).toEqual([])
    await shop.getByRole("button", { name: "New version" }).click()
    await text.fill((await text.inputValue()).replace("broken", "pkgs.hello"))
    await page.getByRole("button", { name: "Save as a draft" }).click()
    await shop.getByRole("button", { name: "Validate: version 2" }).click()
    await shop.getByRole("button", { name: "Publish: version 2" }).click()
    await shop.getByText("published").waitFor()
    await shop.getByRole("button", { name: "Compare version 2 with the one before" }).click()
    await shop.getByText("web is changed.").waitFor()
    await shop.getByRole("button", { name: "New version" }).click()
    expect(await here.overflowOnPhone()).toBe(0)
  })

  it("are told of a newer version of what they are made from, and take it", async () => {
    const { page } = here
    here.fake.platform.stacks.create({ name: "mine", template: "shop" })
    await here.go("/organizations/acme/stacks/mine", "Version 2 is available")
    await page.getByText("Show the difference").click()
    await page.getByText("web is changed.").waitFor()
    expect(await here.axe()).toEqual([])
    await page.getByRole("button", { name: "Update to version 2" }).click()
    await until("the update", async () => here.fake.platform.stacks.find("mine").revisions.length === 2)
  })
})
