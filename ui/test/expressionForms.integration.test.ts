import { beforeAll, describe, expect, it } from "vitest"
import { signIn } from "./browser.ts"
import { services, until, usePage } from "./usePage.ts"

const here = usePage()

beforeAll(async () => {
  await signIn(here.page, here.fake.url)
})

describe("a form with an expression", () => {
  it("shows what is wrong with an expression as it is typed, and its packages when nothing is", async () => {
    const { page } = here
    const { checks } = here.fake.platform
    await here.go("/organizations/acme/new-service?from=expression", "New service")
    const editor = page.getByRole("textbox", { name: "Nix expression" })
    await editor.fill("{ pkgs, ... }:\n\n  pkgs.helo")
    const wrong = page.getByRole("list", { name: "What is wrong" })
    await wrong.getByText("There is no attribute “helo”.").waitFor()
    await wrong.getByText("Line 3, column 8.").waitFor()
    await until("the name to be underlined", async () => {
      const marked = page.locator(".cm-lintRange-error")
      return (await marked.count()) === 1 && (await marked.textContent()) === "helo"
    })
    await page.locator(".cm-gutter-lint .cm-lint-marker-error").waitFor()
    expect(await here.axe()).toEqual([])

    await page.locator(".cm-lintRange-error").hover()
    await page.getByRole("button", { name: /Action: hello/ }).click()
    await page.getByText("It can be built.").waitFor()
    expect(checks.asked.at(-1)).toBe("{ pkgs, ... }:\n\n  pkgs.hello")
    expect(await page.locator(".cm-lintRange-error").count()).toBe(0)
    const packages = page.getByRole("region", { name: "Packages", exact: true })
    await packages.getByText("1233 packages · 1 to be built · 1 to be fetched").waitFor()
    await packages.getByText("and 1200 more").waitFor()
    await packages.getByLabel("Filter packages").fill("glibc")
    await packages.getByText("library-3").waitFor({ state: "detached" })
    expect(await packages.locator("code").allTextContents()).toEqual(["glibc"])
    expect(await here.axe()).toEqual([])
    // A word that is typed letter by letter is looked at once.
    const before = checks.asked.length
    await editor.press("End")
    await editor.pressSequentially(".x", { delay: 20 })
    await until("the last text to be checked", () => checks.asked.at(-1)?.endsWith(".x") === true)
    expect(checks.asked.length).toBe(before + 1)

    await editor.press("Tab")
    expect(await editor.evaluate((element) => element.matches(":focus"))).toBe(false)
    expect(here.complaints).toEqual([])
    // The browser itself tells of an answer with status 503.
    checks.builder = false
    await editor.fill("pkgs.jq")
    await page.getByText("No builder can check this now.").waitFor()
    checks.builder = true
    await page.getByRole("button", { name: "Try again" }).click()
    await page.getByText("It can be built.").waitFor()
    await editor.fill("")
    await page.getByText("Write an expression, and see here which packages it needs.").waitFor()
  })

  it("compares earlier versions of an expression with what is in the editor, and puts one back", async () => {
    const { page } = here
    const { platform } = here.fake
    platform.create("acme", {
      name: "nixed",
      source: { _tag: "expression", expression: "{ pkgs }:\npkgs.jq" },
    })
    const version = (number: number, expression: string) => ({
      version: {
        version: number,
        current: number === 2,
        deployment: number,
        status: "live" as const,
        lines: 2,
        createdBy: "ada@example.org",
        createdAt: new Date().toISOString(),
      },
      expression,
    })
    platform.checks.expressions = [version(1, "{ pkgs }:\npkgs.hello"), version(2, "{ pkgs }:\npkgs.jq")]
    await here.go(`${services}/nixed/configuration`, "nixed")
    await page.getByRole("button", { name: "Compare version 1" }).click()
    const difference = page.getByRole("region", { name: "Difference" })
    await difference.getByText("From version 1 to what is in the editor.").waitFor()
    expect(await difference.locator(".removed").allTextContents()).toEqual(["− pkgs.hello\n"])
    expect(await difference.locator(".added").allTextContents()).toEqual(["+ pkgs.jq\n"])
    await page.getByRole("button", { name: "Put into the editor: version 1" }).click()
    await difference.getByText("The editor has version 1.").waitFor()
    await page.getByText("It can be built.").waitFor()
    expect(await here.axe()).toEqual([])
    await page.getByRole("button", { name: "Save and deploy" }).click()
    await page.getByRole("heading", { name: /Deployment #\d/ }).waitFor()
    expect(platform.find("nixed").service.source).toEqual({
      _tag: "expression",
      expression: "{ pkgs }:\npkgs.hello",
    })
  })
})
