import { beforeAll, describe, expect, it } from "vitest"
import { signIn } from "./browser.ts"
import { services, until, usePage } from "./usePage.ts"

const here = usePage()

beforeAll(async () => {
  here.fake.platform.create("acme", { name: "shop", source: { _tag: "template", template: "nodejs" } })
  await signIn(here.page, here.fake.url)
})

describe("a form", () => {
  it("marks every bad field, focuses the first, and loses nothing over a reload", async () => {
    await here.go("/organizations/acme/new-service?from=git", "New service")
    await here.page.getByLabel("Repository URL").fill("https://git.example.org/acme/Web_Shop.git")
    expect(await here.page.getByLabel("Name", { exact: true }).inputValue()).toBe("web-shop")
    await here.page.getByLabel("Name", { exact: true }).fill("Bad_Name")
    await here.page.getByLabel("Memory").fill("lots")
    await here.page.getByRole("button", { name: "Deploy" }).click()
    await here.page.getByText("Write a size such as 256 MiB or 1 GiB.").waitFor()
    await here.page.getByText(/A name has 1 to 30 lower-case letters/).waitFor()
    expect(await here.page.getByLabel("Memory").getAttribute("aria-invalid")).toBe("true")
    await here.page.getByLabel("Memory").fill("512 MiB")
    await here.page.getByRole("button", { name: "Add variable" }).click()
    await here.page.getByLabel("Name of variable 1").fill("1BAD")
    await here.page.getByRole("button", { name: "Deploy" }).click()
    await here.page.getByText(/A name has 1 to 30 lower-case letters/).waitFor()
    const name = here.page.getByLabel("Name", { exact: true })
    await until("the first bad field to be focused", () => name.evaluate((input) => input.matches(":focus")))
    await here.page.getByText(/variable's name has letters/).waitFor()
    await here.page.reload()
    await here.page.getByLabel("Memory").waitFor()
    expect(await here.page.getByLabel("Memory").inputValue()).toBe("512 MiB")
    expect(await here.page.getByLabel("Repository URL").inputValue()).toBe(
      "https://git.example.org/acme/Web_Shop.git",
    )
    expect(await here.page.getByLabel("Name of variable 1").inputValue()).toBe("1BAD")
  })

  it("shows a name that is taken beside the name", async () => {
    await here.go("/organizations/acme/new-service?from=template&template=go", "New service")
    await here.page.getByLabel("Name", { exact: true }).fill("shop")
    await here.page.getByRole("button", { name: "Remove variable 1BAD" }).click()
    await here.page.getByRole("button", { name: "Deploy" }).click()
    await here.page.getByText('The name "shop" is taken.').waitFor()
    expect(await here.page.getByLabel("Name", { exact: true }).getAttribute("aria-invalid")).toBe("true")
  })

  it("says of an image what will happen with it", async () => {
    await here.go("/organizations/acme/new-service?from=image", "New service")
    await here.page.getByLabel("Image", { exact: true }).last().fill("ghcr.io/owner/app:1.2")
    await here.page
      .getByText("ghcr.io/owner/app:1.2 is fetched from its registry, checked, and kept")
      .waitFor()
    await here.page.getByText("accept a connection on port 8080, or what the image says.").waitFor()
    expect(await here.page.getByText("Your expression is evaluated").count()).toBe(0)
  })

  it("shows what to do on one's own computer, and goes to the deployment that comes of it", async () => {
    await here.go("/organizations/acme/new-service?from=folder", "New service")
    const name = here.page.getByLabel("Name", { exact: true })
    await name.fill("Bad_Name")
    await here.page.getByText(/A name has 1 to 30 lower-case letters/).waitFor()
    await name.fill("pushed")
    await here.page.getByText("skypanel deploy pushed --dir . --wait").waitFor()
    await here.page.getByText("skypanel git remote pushed").waitFor()
    await here.page.getByText(`${here.fake.url}/git/acme/pushed.git`).waitFor()
    await here.page.getByText(/Waiting for what you send/).waitFor()
    expect(await here.axe()).toEqual([])
    const source = {
      _tag: "folder",
      digest: "0".repeat(64),
      files: 2,
      bytes: 2048,
      origin: "push",
      revision: "3f2c9e1b7a6d5c4b3a29181706f5e4d3c2b1a090",
    } as const
    here.fake.platform.create("acme", { name: "pushed", source })
    here.fake.platform.changed("service", "pushed", null)
    await here.page.getByRole("heading", { name: "Deployment #1" }).waitFor()
    await here.go(`${services}/pushed`, "pushed")
    await here.page.getByText("git push of 3f2c9e1b7a").first().waitFor()
    await here.page.getByRole("heading", { name: "Deploy the next version" }).waitFor()
    // What it is made from stays when only its configuration is saved.
    await until("it to be live", () => here.fake.platform.find("pushed").service.state === "live")
    await here.go(`${services}/pushed/configuration`, "pushed")
    await here.page.getByLabel("Memory").fill("512 MiB")
    await here.page.getByRole("button", { name: "Save and deploy" }).click()
    await here.page.getByRole("heading", { name: "Deployment #2" }).waitFor()
    expect(here.fake.platform.find("pushed").service).toMatchObject({
      source,
      resources: { memoryBytes: 2 ** 29 },
    })
    // How it is built and started goes with its source, before what is in it.
    await until("it to be live again", () => here.fake.platform.find("pushed").service.state === "live")
    await here.go(`${services}/pushed/configuration`, "pushed")
    await here.page.getByText("Build and start").click()
    await here.page.getByLabel("Process", { exact: true }).fill("worker")
    await here.page.getByLabel("Folder", { exact: true }).fill("../elsewhere")
    expect(await here.axe()).toEqual([])
    await here.page.getByRole("button", { name: "Save and deploy" }).click()
    await here.page.getByText(/That is not a path in the repository/).waitFor()
    await here.page.getByLabel("Folder", { exact: true }).fill("")
    await here.page.getByLabel("Built as").selectOption("nodejs")
    await here.page.getByRole("button", { name: "Save and deploy" }).click()
    await here.page.getByRole("heading", { name: "Deployment #3" }).waitFor()
    expect(here.fake.platform.find("pushed").service.source).toEqual({
      ...source,
      overrides: { build: { kind: "nodejs" }, start: { process: "worker" } },
    })
    expect(here.complaints).toEqual([])
  })

  it("takes a pasted .env, and an expression in the editor", async () => {
    await here.go("/organizations/acme/new-service?from=expression", "New service")
    const editor = here.page.getByRole("textbox", { name: "Nix expression" })
    await editor.fill("{ pkgs, ... }: pkgs.hello")
    await here.page.getByLabel("Name", { exact: true }).fill("expr")
    await here.page.getByRole("button", { name: "Paste .env" }).click()
    await here.page.getByLabel("Paste a .env file").fill('# secrets\nexport A=1\nB="two\\nlines"\n')
    await here.page.getByRole("button", { name: "Add these" }).click()
    await here.page.getByRole("button", { name: "Paste .env" }).click()
    await here.page.getByLabel("Paste a .env file").fill("TOKEN=t0p\n")
    await here.page.getByLabel("All of these are secret").check()
    await here.page.getByRole("button", { name: "Add these" }).click()
    expect(await here.page.getByLabel("Value of variable 3").getAttribute("type")).toBe("password")
    // What is secret is not kept in the browser.
    expect(await here.page.evaluate(() => JSON.stringify(sessionStorage))).not.toContain("t0p")
    expect(await here.axe()).toEqual([])
    await here.page.getByRole("button", { name: "Deploy" }).click()
    await here.page.getByRole("heading", { name: "Deployment #1" }).waitFor()
    const { service } = here.fake.platform.find("expr")
    expect(service.source).toEqual({ _tag: "expression", expression: "{ pkgs, ... }: pkgs.hello" })
    expect(service.environment).toMatchObject({ A: "1", B: "two\nlines" })
    expect(service.secrets).toMatchObject([{ name: "TOKEN", version: 1 }])
  })

  it("keeps a secret as it is, changes it, and forgets its earlier values", async () => {
    const { page } = here
    await here.go("/organizations/acme/services/expr/configuration", "expr")
    const value = page.getByLabel("Value of variable 3")
    await value.waitFor()
    expect(await value.inputValue()).toBe("")
    expect(await value.getAttribute("placeholder")).toBe("as it is: version 1")
    await value.fill("n3w")
    await page.getByRole("button", { name: "Save and deploy" }).click()
    await page.getByRole("heading", { name: "Deployment #2" }).waitFor()
    expect(here.fake.platform.find("expr").service.secrets).toMatchObject([{ version: 2, earlier: 1 }])
    await here.go("/organizations/acme/services/expr/configuration", "expr")
    await page.getByRole("button", { name: "Forget earlier values of TOKEN" }).click()
    await page.locator("sky-confirm").getByRole("button", { name: "Forget" }).click()
    await until(
      "nothing earlier to be left",
      async () => (await page.getByText("Earlier values of secrets").count()) === 0,
    )
    expect(await here.axe()).toEqual([])
  })

  it("deploys a changed configuration without touching the source", async () => {
    await here.go(`${services}/shop/configuration`, "shop")
    await here.page.getByLabel("Port", { exact: true }).fill("9090")
    await here.page.getByText("Nothing is built").waitFor()
    await here.page.getByRole("button", { name: "Save and deploy" }).click()
    await here.page.getByRole("heading", { name: /Deployment #\d/ }).waitFor()
    expect(here.fake.platform.find("shop").service.port).toBe(9090)
    expect(here.fake.platform.find("shop").deployments[0]?.trigger).toBe("configuration")
  })

  it("takes the port away, shows no URL then, and wants to know the port that it gets back", async () => {
    const { page } = here
    const { platform } = here.fake
    const without = page.getByRole("checkbox", { name: "Runs without a port" })
    await here.go(`${services}/shop/configuration`, "shop")
    await without.check()
    expect(await page.getByLabel("Health path").count()).toBe(0)
    expect(await here.axe()).toEqual([])
    await page.getByRole("button", { name: "Save and deploy" }).click()
    await page.getByRole("heading", { name: /Deployment #\d/ }).waitFor()
    expect(platform.find("shop").service).toMatchObject({ port: null, healthPath: null })
    await here.go(`${services}/shop`, "shop")
    await page.getByText("Runs without a port: no URL").waitFor()
    await page.getByText("up for 10 seconds").waitFor()
    expect(await here.axe()).toEqual([])
    await here.go(services, "Services")
    await page.getByRole("row", { name: /shop/ }).getByText("no port").waitFor()

    await here.go(`${services}/shop/configuration`, "shop")
    await without.uncheck()
    await page.getByRole("button", { name: "Save and deploy" }).click()
    await page.getByText("Write a number, such as 8080.").waitFor()
    await page.getByLabel("Port", { exact: true }).fill("8080")
    await page.getByRole("button", { name: "Save and deploy" }).click()
    await page.getByRole("heading", { name: /Deployment #\d/ }).waitFor()
    expect(platform.find("shop").service).toMatchObject({ port: 8080, public: true })
  })

  it("has the price of all instances, and explains that a volume means one", async () => {
    const { page } = here
    const { platform } = here.fake
    await here.go("/organizations/acme/new-service?from=template&template=nodejs", "New service")
    await page.getByLabel("Name", { exact: true }).fill("many")
    const price = page.getByRole("status", { name: "Price" })
    await page.getByLabel("CPU").fill("1")
    await price.getByText("$0.0113").waitFor()
    await page.getByRole("textbox", { name: "Instances" }).fill("3")
    await price.getByText("$0.0339").waitFor()
    await page.getByRole("checkbox", { name: /Keep a volume/ }).check()
    await page.getByText("One: its volume cannot be in two places").waitFor()
    expect(await page.getByRole("textbox", { name: "Instances" }).isDisabled()).toBe(true)
    await page.getByLabel("Folder").fill("/etc/data")
    await page.getByLabel("Volume size").fill("10 GiB")
    await price.getByText("$0.0127").waitFor()
    await page.getByRole("button", { name: "Deploy" }).click()
    await page.getByText(/volume's path is absolute/).waitFor()
    expect(await here.axe()).toEqual([])
    await page.getByRole("checkbox", { name: /Keep a volume/ }).uncheck()
    expect(await page.getByRole("textbox", { name: "Instances" }).inputValue()).toBe("3")
    await page.getByRole("button", { name: "Deploy" }).click()
    await page.getByRole("heading", { name: "Deployment #1" }).waitFor()
    await page.getByText("3 instances").waitFor()
    await until("three instances", () => platform.find("many").service.instances.length === 3)
    await here.go(`${services}/many`, "many")
    await page.getByText("3 of 3 healthy").waitFor()
    const { service } = platform.find("many")
    service.state = "degraded"
    service.instances = service.instances.map((one) => ({ ...one, healthy: one.slot > 0 }))
    platform.changed("service", "many", null)
    await page.getByText("2 of 3 healthy").waitFor()
    await page.getByText("Fewer instances are healthy than it shall have.", { exact: false }).waitFor()
  })

  it("deploys a volume with what shall happen when its worker is lost", async () => {
    const { page } = here
    const { platform } = here.fake
    await here.go(`${services}/many/configuration`, "many")
    await page.getByRole("checkbox", { name: /Keep a volume/ }).check()
    await page.getByLabel("Folder").fill("/srv/data")
    await page.getByRole("radio", { name: /Start elsewhere, empty/ }).check()
    await page.getByRole("button", { name: "Save and deploy" }).click()
    await page.getByRole("heading", { name: /Deployment #\d/ }).waitFor()
    expect(platform.find("many").service).toMatchObject({
      replicas: 1,
      volume: { path: "/srv/data", sizeBytes: 2 ** 30, whenWorkerIsLost: "start-empty" },
    })
    await page.getByText("/srv/data, 1 GiB").waitFor()
    await here.go(`${services}/many`, "many")
    await page.getByText("without its worker it starts elsewhere with an empty one").waitFor()
  })
})
