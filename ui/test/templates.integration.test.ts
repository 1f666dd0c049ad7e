import { beforeAll, describe, expect, it } from "vitest"
import { signIn } from "./browser.ts"
import { wiki } from "./contract-server/scenery.ts"
import { services, until, usePage } from "./usePage.ts"

const here = usePage()
const templates = "/organizations/acme/templates"

beforeAll(async () => {
  here.fake.platform.histories.set("wiki", wiki)
  here.fake.platform.create("acme", {
    name: "notes",
    source: { _tag: "template", template: "wiki", version: 1, options: { heading: "Notes" } },
  })
  await signIn(here.page, here.fake.url)
})

describe("the library of templates", () => {
  it("is searched, and says whose a template is", async () => {
    const { page } = here
    await here.go(templates, "Templates")
    await page.getByText("your organization's").waitFor()
    const search = page.getByRole("searchbox", { name: "Search templates" })
    await search.fill("wsgi app")
    await until("one card to stay", async () => (await page.locator("li.card").count()) === 1)
    await search.fill("nothing like it")
    await page.getByRole("heading", { name: "No template is like that" }).waitFor()
    expect(await here.axe()).toEqual([])
  })

  it("leads to a form of the template's own options, which names what is wrong", async () => {
    const { page } = here
    await here.go(templates, "Templates")
    await page.getByRole("link", { name: "Use this template: Wiki" }).click()
    await page.getByLabel("Heading").waitFor()
    await page.getByRole("button", { name: "Deploy" }).click()
    await until(
      "the heading to be marked",
      async () => (await page.getByLabel("Heading").getAttribute("aria-invalid")) === "true",
    )
    await page.getByLabel("Heading").fill("Our pages")
    await page.getByLabel("Theme").selectOption("dark")
    await page.getByLabel("Key of the administrator").fill("s3cret")
    expect(await here.axe()).toEqual([])
    await page.getByRole("button", { name: "Deploy" }).click()
    await page.waitForURL("**/deployments/1")
    expect(here.fake.platform.find("wiki").service.source).toMatchObject({
      template: "wiki",
      options: { heading: "Our pages", theme: "dark", adminKey: "s3cret" },
    })
  })
})

describe("a newer version", () => {
  it("is told on the service's page with its difference, asks for what it needs, and is deployed", async () => {
    const { page } = here
    await here.go(`${services}/notes`, "Version 2 is available")
    await page.getByText("Show the difference").click()
    await page.getByText("one of light, dark, needed").waitFor()
    await page.getByText("pkgs.wiki.override").waitFor()
    expect(await here.axe()).toEqual([])
    const update = page.getByRole("button", { name: "Update to version 2" })
    await update.click()
    await until(
      "the theme to be marked",
      async () => (await page.getByLabel("Theme").getAttribute("aria-invalid")) === "true",
    )
    await page.getByLabel("Theme").selectOption("light")
    await update.click()
    await page.waitForURL("**/deployments/2")
    expect(here.fake.platform.find("notes").service.source).toMatchObject({
      version: 2,
      options: { theme: "light" },
    })
  })
})

describe("managing templates", () => {
  const manage = async () => {
    await here.go(templates, "Templates")
    await here.page.getByRole("link", { name: "Manage templates" }).click()
    await here.page.getByRole("heading", { name: "Manage templates" }).waitFor()
  }

  it("writes one, tries it, and offers it", async () => {
    const { page } = here
    await manage()
    expect(await here.axe()).toEqual([])
    await page.getByRole("button", { name: "New template" }).click()
    const preview = page.getByRole("region", { name: "What a customer sees" })
    await preview.getByLabel("Heading").waitFor()
    await page.getByRole("button", { name: "Add option" }).click()
    const added = page.getByRole("group", { name: "option 2" })
    await added.getByLabel("Type").selectOption("One of several")
    await added.getByLabel("Label").fill("Theme")
    const theme = page.getByRole("group", { name: "Theme" })
    await theme.getByLabel("Choices").fill("light\ndark")
    await theme.getByLabel("Default").selectOption("dark")
    expect(await preview.getByLabel("Theme (optional)").inputValue()).toBe("dark")
    await page.getByRole("button", { name: "Save as a draft" }).click()
    await until(
      "the name of the option to be marked",
      async () => (await theme.getByLabel("Name in the expression").getAttribute("aria-invalid")) === "true",
    )
    expect(await here.axe()).toEqual([])
    expect(await here.overflowOnPhone()).toBe(0)
    await theme.getByLabel("Name in the expression").fill("theme")
    await page.getByRole("button", { name: "Move up: Theme" }).click()
    const icon = '<svg xmlns="http://www.w3.org/2000/svg"></svg>'
    const choose = (text: string) =>
      page
        .getByLabel("Icon")
        .setInputFiles({ name: "icon.svg", mimeType: "image/svg+xml", buffer: Buffer.from(text) })
    await choose("x".repeat(16 * 1024 + 1))
    await page.getByText("It is larger than 16 KiB.").waitFor()
    await choose(icon)
    await page.getByText("It is larger than 16 KiB.").waitFor({ state: "detached" })
    await page.getByRole("button", { name: "Save as a draft" }).click()
    const hello = page.getByRole("region", { name: "hello" })
    await hello.getByText("draft").waitFor()
    const { definition } = here.fake.platform.histories.get("hello")!.versions[0]!
    expect(definition.icon).toBe(icon)
    expect(definition.options).toMatchObject([
      { name: "theme", type: "choice", choices: ["light", "dark"], default: "dark" },
      { name: "heading" },
    ])
    await hello.getByRole("button", { name: "Validate: version 1" }).click()
    await hello.getByRole("region", { name: "Trial of version 1" }).getByText("building hello").waitFor()
    await hello.getByText("valid", { exact: true }).waitFor()
    await hello.getByRole("button", { name: "Publish: version 1" }).click()
    await hello.getByText("published").waitFor()
    await here.go(templates, "Templates")
    await page.getByRole("link", { name: "Use this template: Hello" }).waitFor()
  })

  it("shows why a trial failed, compares versions, withdraws and removes", async () => {
    const { page } = here
    await manage()
    const wiki = page.getByRole("region", { name: "wiki" })
    await wiki.getByRole("button", { name: "New version" }).click()
    await page.locator("sky-nix-editor .cm-content").fill("{ broken")
    await page.getByRole("button", { name: "Save as a draft" }).click()
    await wiki.getByRole("button", { name: "Validate: version 3" }).click()
    const trial = wiki.getByRole("region", { name: "Trial of version 3" })
    await trial.getByRole("heading", { name: /syntax error/ }).waitFor()
    await trial.getByText("building wiki").waitFor()
    expect(await here.axe()).toEqual([])
    await trial.getByRole("button", { name: "Validate again" }).click()
    await wiki.getByText("validating").waitFor()
    await trial.getByRole("heading", { name: /syntax error/ }).waitFor()
    await wiki.getByRole("button", { name: "Delete: version 3" }).click()
    await wiki.getByRole("button", { name: "Compare version 2 with the one before" }).click()
    await wiki.getByText("pkgs.wiki.override").waitFor()
    await wiki.getByRole("button", { name: "Withdraw: version 2" }).click()
    await wiki.getByText("withdrawn").waitFor()
    await wiki.getByRole("button", { name: "Remove template" }).click()
    await page.getByRole("button", { name: "Remove", exact: true }).click()
    await wiki.getByText("for this organization, removed").waitFor()
  })
})
