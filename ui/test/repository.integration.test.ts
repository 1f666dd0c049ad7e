import { beforeAll, describe, expect, it } from "vitest"
import { signIn } from "./browser.ts"
import { services, until, usePage } from "./usePage.ts"

const here = usePage()

beforeAll(async () => {
  const create = (name: string, url: string) =>
    here.fake.platform.create("acme", { name, source: { _tag: "git", url, ref: "main" } })
  create("shop", "https://git.example.org/acme/shop.git")
  create("deep", "ssh://git@git.example.org/acme/deep.git")
  await signIn(here.page, here.fake.url)
})

const section = () => here.page.getByRole("region", { name: "Repository" })

describe("a service's repository", () => {
  it("takes an access token, names what is wrong with one, and shows none", async () => {
    const { page } = here
    await here.go(`${services}/shop/settings`, "shop")
    await section().getByText("None: the repository has to be public.").waitFor()
    const token = page.getByLabel("Access token")
    await token.fill("short")
    await page.getByRole("button", { name: "Save token" }).click()
    await until("the field to be marked", async () => (await token.getAttribute("aria-invalid")) === "true")
    await token.fill("a-token-of-this-test")
    await page.getByRole("button", { name: "Save token" }).click()
    await section().getByText("Access token, as git").waitFor()
    expect(await page.getByLabel("New access token").inputValue()).toBe("")
    expect(await page.getByText("a-token-of-this-test").count()).toBe(0)
    await page.getByRole("button", { name: "Delete credential" }).click()
    await page.locator("#remove").getByRole("button", { name: "Delete" }).click()
    await section().getByText("None: the repository has to be public.").waitFor()
  })

  it("over ssh has a deploy key to copy", async () => {
    const { page } = here
    await here.go(`${services}/deep/settings`, "deep")
    await page.getByRole("button", { name: "Make a deploy key" }).click()
    await page.getByText("ssh-ed25519 AAAAC3Nza").waitFor()
    await page.getByRole("button", { name: "Copy deploy key" }).waitFor()
    expect(await here.axe()).toEqual([])
  })

  it("has a webhook whose secret is shown once, and a list of what it delivered that is live", async () => {
    const { page } = here
    const { repositories } = here.fake.platform
    await here.go(`${services}/shop/settings`, "shop")
    await page.getByRole("button", { name: "Make a webhook" }).click()
    await page.getByText("shown-this-once").waitFor()
    await page.getByText("Nothing was delivered yet").waitFor()
    repositories.deliver("shop", {})
    await page.getByText("Not deployed: Only docs/ changed.").waitFor()
    repositories.deliver("shop", { outcome: "deployed", reason: "It is deployed.", deployment: 1 })
    await page.getByRole("link", { name: "Deployment #1" }).waitFor()
    await page.getByLabel("Deploy only when these change").fill("apps/web\n!*.md\n")
    await page.getByRole("button", { name: "Save paths" }).click()
    await until(
      "the paths to be saved",
      () => repositories.of("shop").hook?.paths.join(" ") === "apps/web !*.md",
    )
    await page.getByLabel("Poll for new commits").selectOption("Every 15 minutes")
    await page.getByText("Not answered yet.").waitFor()
    expect(repositories.of("shop").poll?.minutes).toBe(15)
    await page.getByRole("button", { name: "Switch off" }).click()
    await page.getByRole("button", { name: "Switch on" }).waitFor()
    expect(await here.axe()).toEqual([])
    await page.reload()
    await page.getByRole("button", { name: "New secret" }).waitFor()
    expect(await page.getByText("shown-this-once").count()).toBe(0)
    expect(here.complaints).toEqual([])
  })
})
