import { describe, expect, it } from "vitest"
import { accounts } from "./contract-server/server.ts"
import { services, until, usePage } from "./usePage.ts"

const here = usePage()

describe("signing in", () => {
  it("says what is wrong, and lets in who has the password", async () => {
    await here.page.goto(`${here.fake.url}/organizations/acme/templates`)
    await here.page.getByLabel("E-mail").fill(accounts.administrator.email)
    await here.page.getByLabel("Password").fill("wrong")
    await here.page.keyboard.press("Enter")
    await here.page.getByRole("alert").getByText("The e-mail or the password is wrong.").waitFor()
    await here.page.getByLabel("Password").fill(accounts.administrator.password)
    await here.page.keyboard.press("Enter")
    await here.page.getByRole("heading", { name: "Templates" }).waitFor()
    expect(await here.page.title()).toBe("Templates · SkyPanel")
  })
})

describe("a first service", () => {
  it("is deployed by keyboard alone and watched until it is live", async () => {
    await here.go(services, "Nothing runs here yet")
    await here.tabTo("link", /New service/)
    await here.page.keyboard.press("Enter")
    await here.page.getByRole("heading", { name: "New service" }).waitFor()
    await here.tabTo("radio", /Template/)
    await here.page.keyboard.press("Space")
    await here.page.getByRole("radio", { name: "Node.js" }).waitFor()
    await here.tabTo("radio", /Node\.js/)
    await here.page.keyboard.press("Space")
    expect(await here.page.getByLabel("Name", { exact: true }).inputValue()).toBe("nodejs")
    await here.tabTo("textbox", /Name/)
    await here.page.keyboard.press("ControlOrMeta+a")
    await here.page.keyboard.type("shop")
    await here.tabTo("textbox", /CPU/)
    await here.page.keyboard.press("ControlOrMeta+a")
    await here.page.keyboard.type("1")
    const price = here.page.getByRole("status", { name: "Price" })
    await price.getByText("$0.0113").waitFor()
    await price.getByText("$8.26").waitFor()
    await here.tabTo("button", /Deploy/)
    await here.page.keyboard.press("Enter")
    await here.page.getByRole("heading", { name: "Deployment #1" }).waitFor()
    await here.page.getByRole("log").getByText("copying 42 paths").waitFor()
    await here.page.getByRole("status", { name: "State of the deployment" }).getByText("live").waitFor()
    await here.page.getByText("Live after").waitFor()
    expect(here.complaints).toEqual([])
  })

  it("shows its state at once when an order is given, and gives the reason for what is not possible", async () => {
    await here.go(`${services}/shop`, "shop")
    const state = here.page.getByRole("status", { name: "State", exact: true })
    await state.getByText("live").waitFor()
    await here.page.getByRole("button", { name: "Stop" }).click()
    await here.page.getByRole("button", { name: "Stop the service" }).click()
    await state.getByText("stopped").waitFor()
    const restart = here.page.getByRole("button", { name: "Restart" })
    expect(await restart.getAttribute("aria-disabled")).toBe("true")
    await restart.focus()
    await here.page.getByRole("tooltip").getByText("It is stopped; start it instead.").waitFor()
    await here.page.getByRole("button", { name: "Start", exact: true }).click()
    await here.page.getByText("shop is being started: deployment #2.").waitFor()
    await state.getByText("live").waitFor()
  })

  it("is rolled back to an earlier release after a question", async () => {
    here.fake.platform.order("shop", "redeploy")
    await until("a second release", () => here.fake.platform.find("shop").releases.length === 2)
    await here.go(`${services}/shop/releases`, "shop")
    await here.page.getByRole("button", { name: "Roll back to release 1" }).click()
    await here.page.getByText("Its image and its configuration are deployed").waitFor()
    await here.page.getByRole("button", { name: "Roll back", exact: true }).click()
    await here.page.getByText("Rolling back to release #1").waitFor()
    await until("release 1 to be current", () => here.fake.platform.find("shop").service.release === 1)
  })

  it("has its builds with what they took and brought, filtered, and their logs", async () => {
    await here.go(`${services}/shop/builds`, "shop")
    await here.page.getByRole("img", { name: /How long 2 builds took/ }).waitFor()
    const build = here.page.getByRole("link", { name: "Build 3" })
    const row = here.page.getByRole("row").filter({ has: build })
    for (const text of ["succeeded", "ada@example.org", "180 KiB", "90 KiB"])
      await row.getByText(text).waitFor()
    expect(await here.axe()).toEqual([])
    const download = here.page.waitForEvent("download")
    await here.page.getByRole("link", { name: / lines, the log of build 1$/ }).click()
    expect((await download).suggestedFilename()).toBe("shop-1-build.log")
    await here.page.getByRole("radio", { name: "Failed" }).check()
    await here.page.getByText("No such build").waitFor()
  })

  it("shows what changed from one release to another, and what one is made of", async () => {
    await here.go(`${services}/shop/releases`, "shop")
    await here.page.getByRole("button", { name: "Compare", exact: true }).click()
    const comparison = here.page.getByRole("region", { name: "Comparison" })
    await comparison.getByRole("row", { name: /nodejs version 22\.12\.0 22\.11\.0 −1 MiB/ }).waitFor()
    await here.page.getByLabel("Compare release", { exact: true }).selectOption("1")
    await comparison.getByText("The same packages.").waitFor()
    expect(await here.axe()).toEqual([])
    await here.page.getByRole("button", { name: "Packages of release 2" }).click()
    await here.page.getByRole("region", { name: "Packages of release 2" }).getByText("22.12.0").waitFor()
    expect(await here.axe()).toEqual([])
    const download = here.page.waitForEvent("download")
    await here.page.getByRole("button", { name: "Bill of materials" }).click()
    expect((await download).suggestedFilename()).toBe("shop-2.sbom.cdx.json")
  })

  it("says that it went back from a release that turned bad, and how long new ones are looked after", async () => {
    const { deployments, service } = here.fake.platform.find("shop")
    const reason = "exit code 1 three times within 2 minutes"
    Object.assign(deployments[0]!, { trigger: "return", returned: { deployment: 2, reason } })
    await here.go(`${services}/shop`, "shop")
    await here.page.getByRole("heading", { name: "The platform went back to an earlier release" }).waitFor()
    await here.page.getByText(reason).waitFor()
    expect(await here.axe()).toEqual([])
    await here.go(`${services}/shop/settings`, "shop")
    const choice = here.page.getByLabel("Look after new releases")
    await choice.selectOption("0")
    await until("the setting to be saved", () => service.watchSeconds === 0)
    here.fake.platform.broken = true
    await choice.selectOption("3600")
    await here.page.getByText("The database cannot be reached.").first().waitFor()
    here.fake.platform.broken = false
    await until("the choice to be what is saved", async () => (await choice.inputValue()) === "0")
    expect(await here.axe()).toEqual([])
  })

  it("keeps fewer releases, after it has said which go", async () => {
    const { service } = here.fake.platform.find("shop")
    for (const _ of [1, 2]) {
      const before = here.fake.platform.find("shop").releases.length
      here.fake.platform.order("shop", "redeploy")
      await until("a release more", () => here.fake.platform.find("shop").releases.length > before)
    }
    await here.go(`${services}/shop/settings`, "shop")
    const choice = here.page.getByLabel("Keep releases")
    await choice.selectOption("2")
    await here.page.getByText("Releases #2, #1 would go, and 2 MiB come free.").waitFor()
    expect(await here.axe()).toEqual([])
    await here.page.getByRole("button", { name: "Cancel" }).click()
    await until("the choice to be what is saved", async () => (await choice.inputValue()) === "")
    await choice.selectOption("2")
    await here.page.getByRole("button", { name: "Let them go" }).click()
    await until("the setting to be saved", () => service.keptReleases === 2)
  })

  it("forgets a hash that its builds have learned", async () => {
    const { learned } = here.fake.platform
    learned.set("shop", [
      {
        kind: "go-modules",
        subject: "go.sum",
        lock: `sha256:${"ab".repeat(32)}`,
        hash: `sha256-${"A".repeat(43)}=`,
        deployment: 1,
        learnedAt: new Date().toISOString(),
        usedAt: new Date().toISOString(),
      },
    ])
    await here.go(`${services}/shop`, "shop")
    await here.go(`${services}/shop/settings`, "shop")
    await here.page.getByRole("heading", { name: "Learned hashes" }).waitFor()
    expect(await here.axe()).toEqual([])
    await here.page.getByRole("button", { name: "Forget the hash of go.sum, abababababab" }).click()
    await here.page.getByText("takes whatever comes for right").waitFor()
    expect(await here.axe()).toEqual([])
    await here.page.getByRole("button", { name: "Forget", exact: true }).click()
    await until("it to be forgotten", () => learned.get("shop")?.length === 0)
    await here.page.getByRole("heading", { name: "Learned hashes" }).waitFor({ state: "detached" })
  })

  it("shows what is built and what waits, and why", async () => {
    const { platform } = here.fake
    const before = platform.stepMs
    platform.stepMs = 60_000
    for (const name of ["slow", "next"])
      platform.create("acme", { name, source: { _tag: "template", template: "static" } })
    await here.go("/organizations/acme/builds", "Builds")
    await here.page.getByRole("row", { name: /slow #1.*building.*fsn1-a/ }).waitFor()
    await here.page.getByRole("row", { name: /next #1.*waiting.*first; the builder is busy/ }).waitFor()
    expect(await here.axe()).toEqual([])
    platform.stepMs = before
    for (const name of ["slow", "next"]) platform.delete(name)
  })

  it("is deleted only under its own name", async () => {
    here.fake.platform.create("acme", { name: "old", source: { _tag: "template", template: "static" } })
    await here.go(`${services}/old/settings`, "old")
    await here.page
      .getByRole("region", { name: "Delete this service" })
      .getByRole("button", { name: "Delete" })
      .click()
    const confirm = here.page.getByRole("button", { name: "Delete the service" })
    await confirm.click({ force: true })
    expect(here.fake.platform.services.has("old")).toBe(true)
    await here.page.getByLabel(/to confirm/).fill("old")
    await confirm.click()
    await here.page.getByRole("heading", { name: "Services" }).waitFor()
    await until("the service to be gone", () => !here.fake.platform.services.has("old"))
    await here.page.getByRole("link", { name: "old", exact: true }).waitFor({ state: "detached" })
  })
})

describe("a failure", () => {
  it("stands open with its cause, its place and what to do", async () => {
    here.fake.platform.create("acme", {
      name: "fail-syntax",
      source: { _tag: "expression", expression: "{" },
    })
    await here.go(`${services}/fail-syntax/deployments/1`, "Deployment #1")
    const alert = here.page.getByRole("alert")
    await alert.getByRole("heading", { name: /syntax error: unexpected/ }).waitFor()
    await alert.getByText("expression.nix:7:3", { exact: true }).waitFor()
    await here.page.getByRole("link", { name: "Change the source" }).click()
    await here.page.getByRole("textbox", { name: "Nix expression" }).waitFor()
  })

  it("of the platform is said in words, with a way to try again", async () => {
    here.fake.platform.broken = true
    await here.page.goto(`${here.fake.url}${services}`)
    await here.page.getByRole("alert").getByText("The database cannot be reached.").waitFor()
    here.fake.platform.broken = false
    await here.page.getByRole("button", { name: "Try again" }).click()
    await here.page.getByRole("link", { name: "shop", exact: true }).waitFor()
  })
})

describe("the command palette", () => {
  it("jumps to a service and gives an order, by keyboard", async () => {
    await here.go(services, "Services")
    await here.page.keyboard.press("Control+k")
    const field = here.page.getByRole("combobox", { name: "Search and commands" })
    await field.fill("shop")
    await here.page.getByRole("option", { name: /shop/ }).first().waitFor()
    await here.page.keyboard.press("Enter")
    await here.page.getByRole("heading", { name: "shop" }).waitFor()
    await here.page.keyboard.press("Control+k")
    await field.fill("restart shop")
    await here.page.getByRole("option", { name: "Restart shop" }).waitFor()
    await here.page.keyboard.press("Enter")
    await here.page.getByText("shop is being restarted.").waitFor()
    expect(here.fake.platform.find("shop").deployments[0]?.trigger).toBe("restart")
  })
})
