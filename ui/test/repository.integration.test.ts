import { beforeAll, describe, expect, it } from "vitest"
import { signIn } from "./browser.ts"
import { services, until, usePage } from "./usePage.ts"

const here = usePage()

beforeAll(async () => {
  const create = (name: string, url: string) =>
    here.fake.platform.create("acme", { name, source: { _tag: "git", url, ref: "main" } })
  create("shop", "https://git.example.org/acme/shop.git")
  create("deep", "ssh://git@git.example.org/acme/deep.git")
  for (const name of ["cache", "fail-private"]) {
    const source = { _tag: "image", reference: `ghcr.io/acme/${name}:1` } as const
    here.fake.platform.create("acme", { name, source })
  }
  await signIn(here.page, here.fake.url)
})

describe("a service that is made from a private repository", () => {
  it("has a deploy key that is tried before there is a service", async () => {
    const { page } = here
    await here.go("/organizations/acme/new-service?from=git", "New service")
    await page.getByLabel("Repository URL").fill("git@git.example.org:acme/hidden.git")
    await page.getByLabel("Submodules").check()
    await page.getByLabel("Private repository").check()
    await page.getByRole("button", { name: "Deploy", exact: true }).click()
    await page.getByText("Give a token, or make a deploy key").waitFor()
    const make = page.getByRole("button", { name: "Make a deploy key" })
    here.fake.platform.broken = true
    await make.click()
    await page.getByText("The database cannot be reached.").waitFor()
    here.fake.platform.broken = false
    await make.click()
    await page.getByText("AAAAIPreparedFake skypanel-acme").waitFor()
    const test = page.getByRole("button", { name: "Test the connection" })
    await test.click()
    await page.getByText("does not take the service's deploy key").waitFor()
    expect(await here.axe()).toEqual([])
    await test.click()
    await page.getByText("The host lets it in.").waitFor()
    const [id] = here.fake.platform.prepared.keys()
    await page.getByRole("button", { name: "Deploy", exact: true }).click()
    await page.getByRole("heading", { name: /hidden/ }).waitFor()
    expect(here.fake.platform.given).toEqual([{ prepared: id }])
    expect(here.fake.platform.find("hidden").service.source).toMatchObject({ submodules: true })
  })

  it("has its token without a trace in the page", async () => {
    const { page } = here
    await here.go("/organizations/acme/new-service?from=git", "New service")
    await page.getByLabel("Repository URL").fill("https://git.example.org/acme/closed.git")
    await page.getByLabel("Private repository").check()
    const { platform } = here.fake
    // What is typed while the one before is being tried is the one that counts.
    platform.delayMs = 1000
    await page.getByLabel("Access token").fill("another-token-of-this-test")
    await page.getByRole("button", { name: "Test the connection" }).click()
    await until("it to be prepared", () => platform.prepared.size > 0)
    await page.getByLabel("Access token").fill("a-token-of-this-test")
    await until("the one before to be discarded", () => platform.prepared.size === 0)
    platform.delayMs = 0
    expect(await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }))).not.toContain(
      "a-token-of-this-test",
    )
    await page.getByRole("button", { name: "Deploy", exact: true }).click()
    await until("the service to be created", () => here.fake.platform.given.length === 2)
    expect(here.fake.platform.given[1]).toEqual({ token: "a-token-of-this-test" })
  })
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

describe("a service's image", () => {
  const image = () => here.page.getByRole("region", { name: "Image", exact: true })
  const digest = `sha256:${"2".repeat(64)}`

  it("is checked for a newer one, which is deployed from where it is said", async () => {
    const { page } = here
    const { images } = here.fake.platform
    await here.go(`${services}/cache/settings`, "cache")
    await image().getByRole("button", { name: "Check now" }).click()
    await image().getByText("Checking…").waitFor()
    images.change("cache", { progress: "waiting", waitsFor: "no builder is connected" })
    await image().getByText("It waits: no builder is connected.").waitFor()
    const code = "registry-limited"
    images.answer("cache", { failure: { code, title: "It was asked too often.", detail: "", next: "Wait." } })
    await image().getByText("It was asked too often.").waitFor()
    const found = { digest, since: new Date().toISOString(), deployment: null }
    images.answer("cache", { state: "newer", found })
    await image().getByRole("heading", { name: "A newer image is available" }).waitFor()
    expect(await here.axe()).toEqual([])
    await page.getByLabel("When there is a newer image").selectOption("Deploy it")
    await page.getByLabel("Check for it").selectOption("Every 6 hours")
    await until("the policy to be saved", () => images.change("cache", {}).minutes === 360)
    expect(images.change("cache", {}).action).toBe("deploy")
    await here.go(`${services}/cache`, "cache")
    await page.getByRole("button", { name: "Deploy it" }).click()
    await page.getByRole("heading", { name: "Deployment #2" }).waitFor()
    images.answer("cache", { state: "current", found: { ...found, deployment: 2 } })
    await here.go(`${services}/cache/settings`, "cache")
    await image().getByText("Leads to what serves.").waitFor()
    expect(await page.getByText("A newer image is available").count()).toBe(0)
  })

  it("that its registry does not give is deployed again with a credential, given where it is said", async () => {
    const { page } = here
    await here.go(`${services}/fail-private/deployments/1`, "Deployment #1")
    const offer = page.getByRole("region", { name: "Add a credential for ghcr.io" })
    expect(await offer.getByLabel("Registry").inputValue()).toBe("ghcr.io")
    await offer.getByLabel("User name").fill("robot")
    await offer.getByRole("button", { name: "Save and deploy again" }).click()
    const token = offer.getByLabel("Token or password")
    await until("the field to be marked", async () => (await token.getAttribute("aria-invalid")) === "true")
    expect(await here.axe()).toEqual([])
    await token.fill("a-token-of-this-test")
    await offer.getByRole("button", { name: "Save and deploy again" }).click()
    await page.getByRole("heading", { name: "Deployment #2" }).waitFor()
    await here.go("/organizations/acme/new-service?from=image", "New service")
    await page.getByLabel("Image", { exact: true }).last().fill("ghcr.io/acme/other:1")
    await page.getByText("ghcr.io is asked as robot").waitFor()
  })

  it("has its registry's credential in a list, to be removed and added", async () => {
    const { page } = here
    await here.go("/organizations/acme/registries", "Registries")
    const list = page.getByRole("region", { name: "Credentials" })
    await list.getByText("robot").waitFor()
    await list.getByRole("button", { name: "Remove the credential for ghcr.io" }).click()
    await page.getByRole("button", { name: "Remove", exact: true }).click()
    await page.getByText("No credentials").waitFor()
    await page.getByLabel("Registry").fill("quay.io")
    await page.getByLabel("User name").fill("robot")
    await page.getByLabel("Token or password").fill("a-token-of-this-test")
    await page.getByRole("button", { name: "Add credential" }).click()
    await list.getByText("quay.io").waitFor()
    expect(await page.getByText("a-token-of-this-test").count()).toBe(0)
    expect(here.complaints).toEqual([])
  })
})
