import { readFileSync } from "node:fs"
import { beforeAll, describe, expect, it } from "vitest"
import { signIn } from "./browser.ts"
import { services, usePage } from "./usePage.ts"

const here = usePage()

beforeAll(async () => {
  here.fake.platform.create("acme", { name: "shop", source: { _tag: "template", template: "nodejs" } })
  await signIn(here.page, here.fake.url)
})

describe("the log", () => {
  it("keeps 100,000 lines, follows its end, and finds what is searched", async () => {
    await here.go(`${services}/shop/logs`, "shop")
    const log = here.page.getByRole("log")
    here.fake.platform.print("shop", ["the very first line"])
    await log.getByText("the very first line").waitFor()
    for (let part = 0; part < 20; part += 1)
      here.fake.platform.print(
        "shop",
        Array.from({ length: 5000 }, (_, at) => `\u001b[32mline\u001b[0m ${part * 5000 + at} of many`),
      )
    here.fake.platform.print("shop", ["the very last line"], "stderr")
    await log.getByText("the very last line").waitFor({ timeout: 60_000 })
    await here.page.getByText(/newest 9\d,\d{3} lines/).waitFor()
    const rows = () => log.locator(".line").count()
    expect(await rows()).toBeLessThan(200)
    await log.press("Home")
    await log.hover()
    await here.page.mouse.wheel(0, -4000)
    await here.page.getByRole("button", { name: "Jump to newest" }).waitFor()
    here.fake.platform.print("shop", ["one more line"])
    expect(await log.getByText("one more line").count()).toBe(0)
    await here.page.getByLabel("Search the log").fill("99998 of many")
    await here.page.getByText("1 match", { exact: true }).waitFor()
    await here.page.keyboard.press("Enter")
    await log.getByText("99998 of many").waitFor()
    expect(await log.locator("mark").first().textContent()).toBe("99998 of many")
    await here.page.getByRole("button", { name: "Jump to newest" }).click()
    await log.getByText("one more line").waitFor()
    expect(await rows()).toBeLessThan(200)
  }, 90_000)

  it("leads to a line by its address", async () => {
    const { logs } = here.fake.platform.find("shop")
    const line = logs.at(-300)!
    await here.page.goto(`${here.fake.url}${services}/shop/logs#${line.origin}.${line.seq}`)
    await here.page
      .getByRole("log")
      .locator(".current")
      .getByText(/of many/)
      .waitFor()
  })

  it("downloads what it shows, without control sequences", async () => {
    const [download] = await Promise.all([
      here.page.waitForEvent("download"),
      here.page.getByRole("button", { name: "Download the log" }).click(),
    ])
    expect(download.suggestedFilename()).toBe("shop.log")
    const text = readFileSync((await download.path())!, "utf8")
    expect(text).toContain("stdout line 99999 of many\n")
    expect(text).not.toContain("\u001b")
  })
})

describe("what others wrote", () => {
  it("stays text: in logs, failures, templates and icons", async () => {
    const evil = `<img src=x onerror="window.hit=1"><script>window.hit=1</script>`
    const before = here.fake.platform.templates
    const [first] = before
    here.fake.platform.templates = [
      {
        ...first!,
        name: "evil",
        title: evil,
        description: evil,
        icon: `<svg xmlns="http://www.w3.org/2000/svg" onload="parent.hit=1"><script>parent.hit=1</script></svg>`,
      },
    ]
    await here.go("/organizations/acme/templates", "Templates")
    await here.page.getByText("<script>", { exact: false }).first().waitFor()
    here.fake.platform.templates = before
    here.fake.platform.print("shop", [evil, `\u001b]8;;javascript:alert(1)\u0007click\u001b]8;;\u0007`])
    await here.go(`${services}/shop/logs`, "shop")
    await here.page.getByRole("log").getByText("onerror").first().waitFor()
    await here.page.getByLabel("Search the log").fill("<script>")
    await here.page.getByRole("log").locator("mark").first().waitFor()
    expect(await here.page.evaluate(() => (window as { hit?: number }).hit)).toBeUndefined()
    expect(await here.page.getByRole("log").locator("img, script, a[href^=javascript]").count()).toBe(0)
  })
})
