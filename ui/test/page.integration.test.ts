import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import type { Page } from "playwright-core"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { type Opened, openBrowser, signIn } from "./browser.ts"
import { accounts } from "./contract-server/server.ts"
import { type BuiltPage, startPage } from "./page.ts"

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

let fake: BuiltPage
let browser: Opened
let page: Page
/** What the browser complained about: scripts that threw, and what the security policy refused. */
let complaints: string[] = []
/** Requests that left the platform. */
let foreign: string[] = []

beforeAll(async () => {
  fake = await startPage(150)
  browser = await openBrowser({ viewport: { width: 1280, height: 800 } })
  page = browser.context.pages()[0]!
  page.on("console", (message) => {
    if (message.type() === "error" && !/status of 4\d\d|ERR_/.test(message.text()))
      complaints.push(message.text())
  })
  page.on("pageerror", (error) => complaints.push(error.message))
  page.on("request", (request) => {
    if (!request.url().startsWith(fake.url) && !/^(?:data|blob):/.test(request.url()))
      foreign.push(request.url())
  })
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await fake?.remove()
})

beforeEach(() => {
  complaints = []
  foreign = []
})

const services = "/organizations/acme/services"

const go = async (path: string, heading: string | RegExp): Promise<void> => {
  await page.goto(fake.url + path)
  await page.getByRole("heading", { name: heading }).first().waitFor()
}

const until = async (wanted: string, condition: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = Date.now() + 15_000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited in vain: ${wanted}`)
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
}

/** Presses Tab until the focused element has this role and name. */
const tabTo = async (role: string, name: RegExp): Promise<void> => {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press("Tab")
    const focused = await page.evaluate(() => {
      let element: Element | null = document.activeElement
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
      const labels =
        element instanceof HTMLInputElement
          ? [...(element.labels ?? [])].map((label) => label.textContent)
          : []
      const roles: Record<string, string> = {
        A: "link",
        BUTTON: "button",
        INPUT: (element as HTMLInputElement)?.type === "radio" ? "radio" : "textbox",
      }
      return {
        role: element?.getAttribute("role") ?? roles[element?.tagName ?? ""] ?? "",
        name: [element?.getAttribute("aria-label"), ...labels, element?.textContent].join(" "),
      }
    })
    if (focused.role === role && name.test(focused.name)) return
  }
  throw new Error(`Tab does not reach the ${role} ${name}`)
}

describe("signing in", () => {
  it("says what is wrong, and lets in who has the password", async () => {
    await page.goto(`${fake.url}/organizations/acme/templates`)
    await page.getByLabel("E-mail").fill(accounts.administrator.email)
    await page.getByLabel("Password").fill("wrong")
    await page.keyboard.press("Enter")
    await page.getByRole("alert").getByText("The e-mail or the password is wrong.").waitFor()
    await page.getByLabel("Password").fill(accounts.administrator.password)
    await page.keyboard.press("Enter")
    await page.getByRole("heading", { name: "Templates" }).waitFor()
    expect(await page.title()).toBe("Templates · SkyPanel")
  })
})

describe("a first service", () => {
  it("is deployed by keyboard alone and watched until it is live", async () => {
    await go(services, "Nothing runs here yet")
    await tabTo("link", /New service/)
    await page.keyboard.press("Enter")
    await page.getByRole("heading", { name: "New service" }).waitFor()
    await tabTo("radio", /Template/)
    await page.keyboard.press("Space")
    await page.getByRole("radio", { name: "Node.js" }).waitFor()
    await tabTo("radio", /Node\.js/)
    await page.keyboard.press("Space")
    expect(await page.getByLabel("Name", { exact: true }).inputValue()).toBe("nodejs")
    await tabTo("textbox", /Name/)
    await page.keyboard.press("ControlOrMeta+a")
    await page.keyboard.type("shop")
    await tabTo("textbox", /CPU/)
    await page.keyboard.press("ControlOrMeta+a")
    await page.keyboard.type("1")
    const price = page.getByRole("status", { name: "Price" })
    await price.getByText("$0.0113").waitFor()
    await price.getByText("$8.26").waitFor()
    await tabTo("button", /Deploy/)
    await page.keyboard.press("Enter")
    await page.getByRole("heading", { name: "Deployment #1" }).waitFor()
    await page.getByRole("log").getByText("copying 42 paths").waitFor()
    await page.getByRole("status", { name: "State of the deployment" }).getByText("live").waitFor()
    await page.getByText("Live after").waitFor()
    expect(complaints).toEqual([])
  })

  it("shows its state at once when an order is given, and gives the reason for what is not possible", async () => {
    await go(`${services}/shop`, "shop")
    const state = page.getByRole("status", { name: "State", exact: true })
    await state.getByText("live").waitFor()
    await page.getByRole("button", { name: "Stop" }).click()
    await page.getByRole("button", { name: "Stop the service" }).click()
    await state.getByText("stopped").waitFor()
    const restart = page.getByRole("button", { name: "Restart" })
    expect(await restart.getAttribute("aria-disabled")).toBe("true")
    await restart.focus()
    await page.getByRole("tooltip").getByText("It is stopped; start it instead.").waitFor()
    await page.getByRole("button", { name: "Start", exact: true }).click()
    await page.getByText("shop is being started: deployment #2.").waitFor()
    await state.getByText("live").waitFor()
  })

  it("is rolled back to an earlier release after a question", async () => {
    fake.platform.order("shop", "redeploy")
    await until("a second release", () => fake.platform.find("shop").releases.length === 2)
    await go(`${services}/shop/releases`, "shop")
    await page.getByRole("button", { name: "Roll back to release 1" }).click()
    await page.getByText("Its image and its configuration are deployed").waitFor()
    await page.getByRole("button", { name: "Roll back", exact: true }).click()
    await page.getByText("Rolling back to release #1").waitFor()
    await until("release 1 to be current", () => fake.platform.find("shop").service.release === 1)
  })

  it("is deleted only under its own name", async () => {
    fake.platform.create("acme", { name: "old", source: { _tag: "template", template: "static" } })
    await go(`${services}/old/settings`, "old")
    await page
      .getByRole("region", { name: "Delete this service" })
      .getByRole("button", { name: "Delete" })
      .click()
    const confirm = page.getByRole("button", { name: "Delete the service" })
    await confirm.click({ force: true })
    expect(fake.platform.services.has("old")).toBe(true)
    await page.getByLabel(/to confirm/).fill("old")
    await confirm.click()
    await page.getByRole("heading", { name: "Services" }).waitFor()
    await until("the service to be gone", () => !fake.platform.services.has("old"))
    await page.getByRole("link", { name: "old", exact: true }).waitFor({ state: "detached" })
  })
})

describe("a form", () => {
  it("marks every bad field, focuses the first, and loses nothing over a reload", async () => {
    await go("/organizations/acme/new-service?from=git", "New service")
    await page.getByLabel("Repository URL").fill("https://git.example.org/acme/Web_Shop.git")
    expect(await page.getByLabel("Name", { exact: true }).inputValue()).toBe("web-shop")
    await page.getByLabel("Name", { exact: true }).fill("Bad_Name")
    await page.getByLabel("Memory").fill("lots")
    await page.getByRole("button", { name: "Deploy" }).click()
    await page.getByText("Write a size such as 256 MiB or 1 GiB.").waitFor()
    await page.getByText(/A name has 1 to 30 lower-case letters/).waitFor()
    expect(await page.getByLabel("Memory").getAttribute("aria-invalid")).toBe("true")
    await page.getByLabel("Memory").fill("512 MiB")
    await page.getByRole("button", { name: "Add variable" }).click()
    await page.getByLabel("Name of variable 1").fill("1BAD")
    await page.getByRole("button", { name: "Deploy" }).click()
    await page.getByText(/A name has 1 to 30 lower-case letters/).waitFor()
    const name = page.getByLabel("Name", { exact: true })
    await until("the first bad field to be focused", () => name.evaluate((input) => input.matches(":focus")))
    await page.getByText(/variable's name has letters/).waitFor()
    await page.reload()
    await page.getByLabel("Memory").waitFor()
    expect(await page.getByLabel("Memory").inputValue()).toBe("512 MiB")
    expect(await page.getByLabel("Repository URL").inputValue()).toBe(
      "https://git.example.org/acme/Web_Shop.git",
    )
    expect(await page.getByLabel("Name of variable 1").inputValue()).toBe("1BAD")
  })

  it("shows a name that is taken beside the name", async () => {
    await go("/organizations/acme/new-service?from=template&template=go", "New service")
    await page.getByLabel("Name", { exact: true }).fill("shop")
    await page.getByRole("button", { name: "Remove variable 1BAD" }).click()
    await page.getByRole("button", { name: "Deploy" }).click()
    await page.getByText('The name "shop" is taken.').waitFor()
    expect(await page.getByLabel("Name", { exact: true }).getAttribute("aria-invalid")).toBe("true")
  })

  it("takes a pasted .env, and an expression in the editor", async () => {
    await go("/organizations/acme/new-service?from=expression", "New service")
    const editor = page.getByRole("textbox", { name: "Nix expression" })
    await editor.fill("{ pkgs, ... }: pkgs.hello")
    await page.getByLabel("Name", { exact: true }).fill("expr")
    await page.getByRole("button", { name: "Paste .env" }).click()
    await page.getByLabel("Paste a .env file").fill('# secrets\nexport A=1\nB="two\\nlines"\n')
    await page.getByRole("button", { name: "Add these" }).click()
    await page.getByRole("button", { name: "Deploy" }).click()
    await page.getByRole("heading", { name: "Deployment #1" }).waitFor()
    const { service } = fake.platform.find("expr")
    expect(service.source).toEqual({ _tag: "expression", expression: "{ pkgs, ... }: pkgs.hello" })
    expect(service.environment).toMatchObject({ A: "1", B: "two\nlines" })
  })

  it("deploys a changed configuration without touching the source", async () => {
    await go(`${services}/shop/configuration`, "shop")
    await page.getByLabel("Port").fill("9090")
    await page.getByText("Nothing is built").waitFor()
    await page.getByRole("button", { name: "Save and deploy" }).click()
    await page.getByRole("heading", { name: /Deployment #\d/ }).waitFor()
    expect(fake.platform.find("shop").service.port).toBe(9090)
    expect(fake.platform.find("shop").deployments[0]?.trigger).toBe("configuration")
  })
})

describe("a failure", () => {
  it("stands open with its cause, its place and what to do", async () => {
    fake.platform.create("acme", { name: "fail-syntax", source: { _tag: "expression", expression: "{" } })
    await go(`${services}/fail-syntax/deployments/1`, "Deployment #1")
    const alert = page.getByRole("alert")
    await alert.getByRole("heading", { name: /syntax error: unexpected/ }).waitFor()
    await alert.getByText("expression.nix:7:3", { exact: true }).waitFor()
    await page.getByRole("link", { name: "Change the source" }).click()
    await page.getByRole("textbox", { name: "Nix expression" }).waitFor()
  })

  it("of the platform is said in words, with a way to try again", async () => {
    fake.platform.broken = true
    await page.goto(`${fake.url}${services}`)
    await page.getByRole("alert").getByText("The database cannot be reached.").waitFor()
    fake.platform.broken = false
    await page.getByRole("button", { name: "Try again" }).click()
    await page.getByRole("link", { name: "shop", exact: true }).waitFor()
  })
})

describe("a lost connection", () => {
  it("shows a mark, and the page is true again without a reload", async () => {
    await go(services, "Services")
    const row = page.getByRole("row", { name: /shop/ })
    await row.waitFor()
    fake.platform.broken = true
    fake.platform.events.emit("drop-streams")
    await page.getByText("not live").waitFor()
    fake.platform.find("shop").service.state = "degraded"
    fake.platform.broken = false
    await row.getByText("degraded").waitFor()
    await page.getByText("not live").waitFor({ state: "detached" })
    fake.platform.find("shop").service.state = "live"
  })
})

describe("the log", () => {
  it("keeps 100,000 lines, follows its end, and finds what is searched", async () => {
    await go(`${services}/shop/logs`, "shop")
    const log = page.getByRole("log")
    fake.platform.print("shop", ["the very first line"])
    await log.getByText("the very first line").waitFor()
    for (let part = 0; part < 20; part += 1)
      fake.platform.print(
        "shop",
        Array.from({ length: 5000 }, (_, at) => `\u001b[32mline\u001b[0m ${part * 5000 + at} of many`),
      )
    fake.platform.print("shop", ["the very last line"], "stderr")
    await log.getByText("the very last line").waitFor({ timeout: 60_000 })
    await page.getByText(/newest 9\d,\d{3} lines/).waitFor()
    const rows = () => log.locator(".line").count()
    expect(await rows()).toBeLessThan(200)
    await log.press("Home")
    await log.hover()
    await page.mouse.wheel(0, -4000)
    await page.getByRole("button", { name: "Jump to newest" }).waitFor()
    fake.platform.print("shop", ["one more line"])
    expect(await log.getByText("one more line").count()).toBe(0)
    await page.getByLabel("Search the log").fill("99998 of many")
    await page.getByText("1 match", { exact: true }).waitFor()
    await page.keyboard.press("Enter")
    await log.getByText("99998 of many").waitFor()
    expect(await log.locator("mark").first().textContent()).toBe("99998 of many")
    await page.getByRole("button", { name: "Jump to newest" }).click()
    await log.getByText("one more line").waitFor()
    expect(await rows()).toBeLessThan(200)
  }, 90_000)

  it("leads to a line by its address", async () => {
    const { logs } = fake.platform.find("shop")
    const line = logs.at(-300)!
    await page.goto(`${fake.url}${services}/shop/logs#${line.origin}.${line.seq}`)
    await page
      .getByRole("log")
      .locator(".current")
      .getByText(/of many/)
      .waitFor()
  })

  it("downloads what it shows, without control sequences", async () => {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download the log" }).click(),
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
    const before = fake.platform.templates
    const [first] = before
    fake.platform.templates = [
      {
        ...first!,
        name: "evil",
        title: evil,
        description: evil,
        icon: `<svg xmlns="http://www.w3.org/2000/svg" onload="parent.hit=1"><script>parent.hit=1</script></svg>`,
      },
    ]
    await go("/organizations/acme/templates", "Templates")
    await page.getByText("<script>", { exact: false }).first().waitFor()
    fake.platform.templates = before
    fake.platform.print("shop", [evil, `\u001b]8;;javascript:alert(1)\u0007click\u001b]8;;\u0007`])
    await go(`${services}/shop/logs`, "shop")
    await page.getByRole("log").getByText("onerror").first().waitFor()
    await page.getByLabel("Search the log").fill("<script>")
    await page.getByRole("log").locator("mark").first().waitFor()
    expect(await page.evaluate(() => (window as { hit?: number }).hit)).toBeUndefined()
    expect(await page.getByRole("log").locator("img, script, a[href^=javascript]").count()).toBe(0)
  })
})

describe("the command palette", () => {
  it("jumps to a service and gives an order, by keyboard", async () => {
    await go(services, "Services")
    await page.keyboard.press("Control+k")
    const field = page.getByRole("combobox", { name: "Search and commands" })
    await field.fill("shop")
    await page.getByRole("option", { name: /shop/ }).first().waitFor()
    await page.keyboard.press("Enter")
    await page.getByRole("heading", { name: "shop" }).waitFor()
    await page.keyboard.press("Control+k")
    await field.fill("restart shop")
    await page.getByRole("option", { name: "Restart shop" }).waitFor()
    await page.keyboard.press("Enter")
    await page.getByText("shop is being restarted.").waitFor()
    expect(fake.platform.find("shop").deployments[0]?.trigger).toBe("restart")
  })
})

describe("every view", () => {
  beforeAll(async () => {
    await page.goto(fake.url)
    const signedOut = page.getByLabel("E-mail")
    await signedOut
      .or(page.getByRole("heading", { name: "Services" }))
      .first()
      .waitFor()
    if (await signedOut.isVisible()) await signIn(page, fake.url)
    const { services } = fake.platform
    const source = { _tag: "template", template: "nodejs" } as const
    for (const name of ["shop", "fail-syntax"])
      if (!services.has(name)) fake.platform.create("acme", { name, source })
    await until("the deployments to end", () =>
      [...services.values()].every(({ service }) => service.state !== "deploying"),
    )
  })

  const views: readonly (readonly [path: string, heading: string | RegExp])[] = [
    [services, "Services"],
    ["/organizations/initech/services", "Nothing runs here yet"],
    ["/organizations/acme/new-service", "New service"],
    ["/organizations/acme/new-service?from=template&template=nodejs", "New service"],
    ["/organizations/acme/new-service?from=expression", "New service"],
    [`${services}/shop`, "shop"],
    [`${services}/shop/deployments`, "shop"],
    [`${services}/shop/releases`, "shop"],
    [`${services}/shop/logs`, "shop"],
    [`${services}/shop/configuration`, "shop"],
    [`${services}/shop/settings`, "shop"],
    [`${services}/shop/deployments/1`, "Deployment #1"],
    [`${services}/fail-syntax/deployments/1`, "Deployment #1"],
    ["/organizations/acme/templates", "Templates"],
    ["/workers", "Workers"],
    ["/about", "About this platform"],
    ["/demo", "Elements"],
    ["/nowhere", "There is nothing here"],
  ]

  it.each(["light", "dark"] as const)(
    "passes axe in the %s theme, wide and narrow",
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" })
      const found: string[] = []
      for (const width of [1280, 390]) {
        await page.setViewportSize({ width, height: 800 })
        for (const [path, heading] of views) {
          await go(path, heading)
          if (path !== "/demo") await page.locator("sky-skeleton").first().waitFor({ state: "detached" })
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
          if (overflow > 0) found.push(`${path} at ${width}: ${overflow} px wider than the window`)
          // Colours are the same at every width.
          if (width === 390 && colorScheme === "dark") continue
          await page.evaluate(axeSource)
          const violations = await page.evaluate(async () => {
            const { axe } = window as unknown as { axe: typeof import("axe-core") }
            const results = await axe.run(document, {
              runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
            })
            return results.violations.map(
              ({ id, nodes }) =>
                `${id}: ${nodes
                  .map((node) => node.html)
                  .join(" | ")
                  .slice(0, 400)}`,
            )
          })
          found.push(...violations.map((violation) => `${path} at ${width}: ${violation}`))
        }
      }
      await page.setViewportSize({ width: 1280, height: 800 })
      expect(found).toEqual([])
    },
    300_000,
  )

  it("asks nobody else for anything, and breaks no rule of the security policy", async () => {
    for (const [path, heading] of views) await go(path, heading)
    await page.getByRole("button", { name: /^Account/ }).click()
    await page.getByRole("menuitemcheckbox", { name: "Theme: dark" }).click()
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe("dark")
    expect(foreign).toEqual([])
    expect(complaints).toEqual([])
  })
})

describe("somebody who is no administrator", () => {
  it("sees no workers, and is asked to sign in again when the session ends", async () => {
    await browser.context.clearCookies()
    await signIn(page, fake.url, "member")
    expect(await page.getByRole("link", { name: "Workers" }).count()).toBe(0)
    await browser.context.clearCookies()
    fake.platform.changed("service", "shop", null)
    await page.getByRole("button", { name: "Sign in" }).waitFor()
  })
})
