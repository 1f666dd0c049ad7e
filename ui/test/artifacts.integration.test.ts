import { beforeAll, describe, expect, it } from "vitest"
import { signIn } from "./browser.ts"
import { until, usePage } from "./usePage.ts"

const here = usePage()

beforeAll(() => signIn(here.page, here.fake.url))

describe("the artifacts' page", () => {
  it("shows size, growth, whose it is, how often it had what was asked for, and what would go", async () => {
    const { page } = here
    await here.go("/artifacts", "Artifacts")
    await page.getByText("of 200 GiB").waitFor()
    await page.getByText("91.2 %").waitFor()
    await page.getByText("120 of 4300 paths").waitFor()
    await page.getByRole("row", { name: /acme 38 41 GiB 12 GiB/ }).waitFor()
    await page.getByRole("row", { name: /acme\/shop #1, #2 .*the store is over its budget/ }).waitFor()
    await page.getByText(/now 93 GiB|now \d+ GiB/).waitFor()
  })

  it("collects after a question, and follows it to its end", async () => {
    const { page } = here
    await page.getByRole("button", { name: "Collect", exact: true }).click()
    await page.getByText("deleted after 24 hours").waitFor()
    await page.locator("wa-dialog").getByRole("button", { name: "Collect" }).click()
    await page.getByText("The collection has begun.").waitFor()
    await page
      .getByRole("row", { name: /collection done 41 paths and 1 image buried, 12 files deleted/ })
      .waitFor()
  })

  it("pins with a reason, says what is wrong, and unpins", async () => {
    const { page } = here
    await page.getByLabel("Store path or release").fill("nothing")
    await page.getByRole("button", { name: "Pin", exact: true }).click()
    await page.getByText("Say why, for those who come after you.").waitFor()
    await page.getByLabel("Reason").fill("the audit wants it")
    await page.getByRole("button", { name: "Pin", exact: true }).click()
    await page.getByText('The artifact store does not have "nothing".').waitFor()
    await page.getByLabel("Store path or release").fill("acme/shop:3")
    await page.getByRole("button", { name: "Pin", exact: true }).click()
    await page.getByRole("row", { name: /acme\/shop:3 the audit wants it/ }).waitFor()
    await page.getByRole("button", { name: "Unpin acme/shop:3" }).click()
    await page.locator("wa-dialog").getByRole("button", { name: "Unpin" }).click()
    await page.getByText("Nothing is pinned.").waitFor()
  })

  it("changes what is kept, and names what cannot be read", async () => {
    const { page } = here
    const total = page.getByLabel("Budget of the whole store")
    await total.fill("much")
    await page.getByRole("button", { name: "Save" }).click()
    await page.getByText("Write a size such as 200 GiB, or nothing.").waitFor()
    await total.fill("500 GiB")
    await page.getByLabel("Releases kept").fill("5")
    await page.getByRole("button", { name: "Save" }).click()
    await page.getByText("of 500 GiB").waitFor()
    expect(here.fake.platform.artifacts.policy).toMatchObject({ keepReleases: 5, organizationBytes: null })
  })

  it("makes a new key that signs, and retires the one before after a warning", async () => {
    const { page } = here
    await page.getByRole("row", { name: /skypanel-1 signs/ }).waitFor()
    await page.getByRole("button", { name: "New key…" }).click()
    await page.locator("wa-dialog").getByRole("button", { name: "Make it" }).click()
    await page.getByRole("row", { name: /skypanel-2 signs/ }).waitFor()
    await page.getByRole("row", { name: /skypanel-1 overlaps/ }).waitFor()
    expect(await page.getByRole("button", { name: "Retire skypanel-2" }).count()).toBe(0)
    await page.getByRole("button", { name: "Retire skypanel-1" }).click()
    await page.getByText(/skypanel-2 was made .* Nix remembers for 30 days/).waitFor()
    await page.locator("wa-dialog").getByRole("button", { name: "Retire" }).click()
    await page.getByRole("row", { name: /skypanel-1 retired/ }).waitFor()
  })

  it("has damage repaired, and says which releases need it", async () => {
    const { page } = here
    await page.getByText("needed by acme/shop:1").waitFor()
    await page.getByRole("button", { name: "Repair…" }).click()
    await page.locator("wa-dialog").getByRole("button", { name: "Remove" }).click()
    await until(
      "the damage to be gone",
      async () => (await page.getByText("One file is damaged").count()) === 0,
    )
  })
})
