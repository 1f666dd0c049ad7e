import { beforeAll, describe, expect, it } from "vitest"
import { signIn } from "./browser.ts"
import { services, until, usePage } from "./usePage.ts"

const here = usePage()

beforeAll(async () => {
  const { inbox } = here.fake.platform
  inbox.tell({ kind: "drain", tone: "good", title: "hel1-a is drained.", read: true })
  inbox.tell({ kind: "alert", tone: "warn", title: "CPU of fsn1-a is nearly used up.", worker: "fsn1-a" })
  await signIn(here.page, here.fake.url)
})

const bell = (unread: number) =>
  here.page.getByRole("button", {
    name: unread === 0 ? "Notifications" : `Notifications, ${unread} unread`,
    exact: true,
  })
const panel = () => here.page.getByRole("dialog", { name: "Notifications" })

describe("the bell", () => {
  it("counts what is unread, and grows as something happens", async () => {
    await bell(1).waitFor()
    here.fake.platform.inbox.tell({ kind: "worker-back", tone: "good", title: "fsn1-b is back." })
    await bell(2).waitFor()
    expect(await here.page.getByText("fsn1-b is back.").count()).toBe(0)
  })

  it("tells bad news at once, wherever one is", async () => {
    const { page } = here
    here.fake.platform.inbox.tell({
      kind: "worker-lost",
      tone: "bad",
      title: "hel1-c is unhealthy.",
      body: "No heartbeat for 2 min.",
      worker: "hel1-c",
    })
    await page.getByText("hel1-c is unhealthy.").waitFor()
    await page.getByRole("link", { name: "Look at it" }).click()
    await page.getByRole("heading", { name: "hel1-c", exact: true }).waitFor()
  })

  it("shows the unread first by keyboard, and marks one as read without moving it", async () => {
    const { page } = here
    await here.go(services, "Nothing runs here yet")
    await bell(3).waitFor()
    await here.tabTo("button", /Notifications, 3 unread/)
    await page.keyboard.press("Enter")
    const titles = () => panel().locator("li .title").allTextContents()
    await panel().getByText("hel1-a is drained.").waitFor()
    const before = await titles()
    expect(before.map((title) => title.replace(/\s+/g, " ").trim())).toEqual([
      "Unread. Problem: hel1-c is unhealthy.",
      "Unread. fsn1-b is back.",
      "Unread. Warning: CPU of fsn1-a is nearly used up.",
      "hel1-a is drained.",
    ])
    expect(await here.axe()).toEqual([])
    await panel().getByRole("button", { name: "Mark as read: fsn1-b is back." }).click()
    await bell(2).waitFor()
    expect((await titles())[1]).toContain("fsn1-b is back.")
    await page.keyboard.press("Escape")
    await panel().waitFor({ state: "hidden" })
  })

  it("loses nothing and doubles nothing over a lost connection", async () => {
    const { page } = here
    const { platform } = here.fake
    await page.getByRole("status").first().waitFor({ state: "attached" })
    platform.broken = true
    platform.events.emit("drop-streams")
    await page.getByText("not live").waitFor()
    for (const number of [1, 2, 3])
      platform.inbox.tell({ kind: "worker-added", tone: "info", title: `Told while away, ${number}.` })
    platform.broken = false
    await bell(5).waitFor()
    platform.inbox.tell({ kind: "worker-added", tone: "info", title: "Told after." })
    await bell(6).waitFor()
    platform.events.emit("drop-streams")
    await until("the stream to be open again", () => platform.events.listenerCount("notifications") > 0)
    await bell(6).click()
    for (const title of [
      "Told while away, 1.",
      "Told while away, 2.",
      "Told while away, 3.",
      "Told after.",
    ]) {
      await panel().getByText(title).waitFor()
      expect(await panel().getByText(title).count()).toBe(1)
    }
    await panel().getByRole("button", { name: "Mark all read" }).click()
    await bell(0).waitFor()
    expect(platform.inbox.list().unread).toBe(0)
  })

  it("leads to all of them, and to the worker", async () => {
    const { page } = here
    await panel().getByRole("link", { name: "All notifications and preferences" }).click()
    await page.getByRole("heading", { name: "Notifications", exact: true }).waitFor()
    await page.locator("sky-notifications").getByRole("link", { name: "fsn1-a" }).click()
    await page.getByRole("heading", { name: "fsn1-a", exact: true }).waitFor()
  })
})

describe("what somebody wants to be told", () => {
  it("is switched per kind and way, and saved at once", async () => {
    const { page } = here
    const { inbox } = here.fake.platform
    await here.go("/notifications", "Notifications")
    await page.getByRole("switch", { name: "A worker is back, by e-mail" }).check()
    await page.getByRole("switch", { name: "A worker is back, on the page" }).uncheck()
    await until("both to be saved", () => {
      const saved = inbox.preferences.find(({ kind }) => kind === "worker-back")
      return saved?.email === true && saved.page === false
    })
    await page.getByText("Saved.", { exact: true }).waitFor()
  })

  it("goes back to what holds when it cannot be saved", async () => {
    const { page } = here
    const before = page.getByRole("switch", { name: "A worker was added or removed, by e-mail" })
    expect(await before.isChecked()).toBe(false)
    here.fake.platform.broken = true
    await before.click()
    await page.getByText("The database cannot be reached.").waitFor()
    here.fake.platform.broken = false
    expect(await before.isChecked()).toBe(false)
  })

  it("can be tried with an e-mail", async () => {
    const { page } = here
    await page.getByRole("button", { name: "Send a test e-mail" }).click()
    await page.getByText("A test e-mail is on its way to ada@example.org.").waitFor()
    expect(here.complaints).toEqual([])
  })
})
