import { readFileSync } from "node:fs"
import { beforeAll, describe, expect, it } from "vitest"
import { signIn } from "./browser.ts"
import { services, until, usePage } from "./usePage.ts"

const here = usePage()

beforeAll(async () => {
  here.fake.platform.installations.byItself = false
  await signIn(here.page, here.fake.url)
})

describe("adding a worker", () => {
  it("names what is wrong beside the fields, and keeps what was typed", async () => {
    const { page } = here
    await here.go("/workers", "Workers")
    await page.getByRole("link", { name: "Add worker" }).click()
    await page.getByRole("heading", { name: "Add worker" }).waitFor()
    await page.getByLabel("Name", { exact: true }).fill("Bad Name")
    await page.getByRole("checkbox", { name: /Runs services/ }).uncheck()
    await page.getByRole("checkbox", { name: /Takes visitors/ }).uncheck()
    await page.getByRole("button", { name: "Make the command" }).click()
    await page.getByText(/A worker's name has 1 to 63 lower-case letters/).waitFor()
    await page.getByText("A worker has at least one role", { exact: false }).waitFor()
    await page.reload()
    expect(await page.getByLabel("Name", { exact: true }).inputValue()).toBe("Bad Name")
    await page.getByLabel("Name", { exact: true }).fill("fsn1-a")
    await page.getByRole("checkbox", { name: /Runs services/ }).check()
    await page.getByRole("button", { name: "Make the command" }).click()
    await page.getByText('The name "fsn1-a" is taken.').waitFor()
  })

  it("opens what is folded when the error is there", async () => {
    const { page } = here
    await here.go("/workers/new", "Add worker")
    await page.getByLabel("Name", { exact: true }).fill("fra1-a")
    await page.getByText("More", { exact: true }).click()
    await page.getByLabel("Only from this address range").fill("somewhere")
    await page.getByText("More", { exact: true }).click()
    await page.getByRole("button", { name: "Make the command" }).click()
    await page.getByText("An address range looks like 192.0.2.0/24 or 2001:db8::/32.").waitFor()
    await page.getByLabel("Only from this address range").fill("192.0.2.0/24")
  })

  it("shows the command once, waits on the same screen, and turns into the worker", async () => {
    const { page } = here
    const { installations, fleet } = here.fake.platform
    await page.getByLabel("Region").fill("fra1")
    await page.getByRole("button", { name: "Add label" }).click()
    await page.getByLabel("Name of label 1").fill("disk")
    await page.getByLabel("Value of label 1").fill("nvme")
    await page.getByRole("button", { name: "Make the command" }).click()
    await page
      .getByRole("region", { name: "command", exact: true })
      .getByText(/^curl -fsSL .*\| sh$/)
      .waitFor()
    const [made] = installations.all
    expect(made).toMatchObject({
      name: "fra1-a",
      roles: ["services"],
      region: "fra1",
      labels: { disk: "nvme" },
      allowFrom: "192.0.2.0/24",
    })
    await page.getByText("60 min left").waitFor()
    expect(await here.axe()).toEqual([])
    const stages = page.getByRole("list", { name: "Progress" })
    const current = stages.locator("[aria-current=step]")
    await current.getByText("Run the command").waitFor()
    installations.fetched(made!.id)
    await current.getByText("Install the agent").waitFor()
    installations.used(made!.id)
    await current.getByText("Join the cluster").waitFor()
    await page.getByRole("heading", { name: "fra1-a is there" }).waitFor()
    await page.getByRole("heading", { name: "fra1-a", exact: true }).waitFor()
    expect(new URL(page.url()).pathname).toBe("/workers/fra1-a")
    expect(fleet.find("fra1-a").state).toBe("active")
    expect(here.complaints).toEqual([])
  })

  it("gives the script to read and download, and the lines for a NixOS of one's own", async () => {
    const { page } = here
    await here.go("/workers", "Workers")
    await page.getByRole("link", { name: "Add worker" }).click()
    await page.getByRole("button", { name: "Make the command" }).click()
    await page.getByText("Read the script first").click()
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download the script" }).click(),
    ])
    expect(download.suggestedFilename()).toBe("skypanel-worker.sh")
    expect(readFileSync((await download.path())!, "utf8")).toMatch(/^#!\/bin\/sh\n/)
    await page.getByRole("radio", { name: "My own NixOS" }).check()
    await page
      .getByRole("region", { name: "NixOS configuration" })
      .getByText("services.skypanel.worker")
      .waitFor()
  })

  it("asks before the command is lost, and revokes it", async () => {
    const { page } = here
    await page.getByRole("link", { name: "Templates" }).first().click()
    await page.getByRole("heading", { name: "Leave without the command?" }).waitFor()
    await page.getByRole("button", { name: "Cancel" }).click()
    await page.getByRole("heading", { name: "Leave without the command?" }).waitFor({ state: "detached" })
    expect(new URL(page.url()).pathname).toBe("/workers/new")
    await page.goBack()
    await page.getByRole("heading", { name: "Leave without the command?" }).waitFor()
    expect(new URL(page.url()).pathname).toBe("/workers/new")
    await page.getByRole("button", { name: "Cancel" }).click()
    await page.getByRole("button", { name: "Revoke", exact: true }).click()
    await page.locator("wa-dialog").getByRole("button", { name: "Revoke", exact: true }).click()
    await page.getByRole("heading", { name: /Revoked/ }).waitFor()
    await until(
      "the platform to have revoked it",
      () => here.fake.platform.installations.all[0]?.state === "revoked",
    )
    await page.getByRole("link", { name: "Templates" }).first().click()
    await page.getByRole("heading", { name: "Templates" }).waitFor()
  })

  it("lists commands that still work, so that they can be revoked later", async () => {
    const { page } = here
    const { installations } = here.fake.platform
    const { installation } = installations.create({ name: "later" }, "bob@example.org")
    await here.go("/workers/new", "Add worker")
    await page.getByRole("button", { name: "Revoke the command for later" }).click()
    await page.locator("wa-dialog").getByRole("button", { name: "Revoke", exact: true }).click()
    await until("it to be revoked", () => installations.find(installation.id).state === "revoked")
    await page.getByRole("row", { name: /later/ }).waitFor({ state: "detached" })
  })

  it("is offered where there is no worker, and in the palette", async () => {
    const { page } = here
    const { fleet } = here.fake.platform
    const before = fleet.workers
    fleet.workers = []
    await here.go("/workers", "Workers")
    await page.getByRole("heading", { name: "No worker yet" }).waitFor()
    fleet.workers = before
    await here.go(services, "Nothing runs here yet")
    await page.keyboard.press("Control+k")
    await page.getByRole("combobox", { name: "Search and commands" }).fill("add worker")
    await page.keyboard.press("Enter")
    await page.getByRole("heading", { name: "Add worker" }).waitFor()
  })
})
