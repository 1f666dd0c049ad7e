import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import type { Page } from "playwright-core"
import { afterAll, beforeAll, beforeEach } from "vitest"
import { type Opened, openBrowser } from "./browser.ts"
import type { FakeServer } from "./contract-server/server.ts"
import { startPage } from "./page.ts"

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

/** Waits for something to be so; says what it was in vain. */
export const until = async (wanted: string, condition: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = Date.now() + 15_000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited in vain: ${wanted}`)
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
}

/** The built page in a Chromium over the fake, for the tests of one file. */
class TestedPage {
  fake!: FakeServer
  browser!: Opened
  page!: Page
  /** What the browser complained about: scripts that threw, and what the security policy refused. */
  complaints: string[] = []
  /** Requests that left the platform. */
  foreign: string[] = []

  async open(): Promise<void> {
    this.fake = await startPage(150)
    this.browser = await openBrowser({ viewport: { width: 1280, height: 800 } })
    this.page = this.browser.context.pages()[0]!
    this.page.on("console", (message) => {
      if (message.type() === "error" && !/status of 4\d\d|ERR_/.test(message.text()))
        this.complaints.push(message.text())
    })
    this.page.on("pageerror", (error) => this.complaints.push(error.message))
    this.page.on("request", (request) => {
      if (!request.url().startsWith(this.fake.url) && !/^(?:data|blob):/.test(request.url()))
        this.foreign.push(request.url())
    })
  }

  async close(): Promise<void> {
    await this.browser?.close()
    await this.fake?.close()
  }

  async go(path: string, heading: string | RegExp): Promise<void> {
    await this.page.goto(this.fake.url + path)
    await this.page.getByRole("heading", { name: heading }).first().waitFor()
  }

  /** How many pixels what is shown now is wider than a phone. */
  async overflowOnPhone(): Promise<number> {
    const before = this.page.viewportSize()!
    await this.page.setViewportSize({ width: 390, height: 800 })
    const pixels = await this.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    await this.page.setViewportSize(before)
    return pixels
  }

  /** What axe finds wrong with what is shown now, or with its colours. */
  async axe(what: "all" | "colours" = "all"): Promise<readonly string[]> {
    await this.page.evaluate(axeSource)
    const runOnly =
      what === "all"
        ? ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        : ["color-contrast", "link-in-text-block"]
    return this.page.evaluate(async (runOnly) => {
      const { axe } = window as unknown as { axe: typeof import("axe-core") }
      const results = await axe.run(document, { runOnly })
      return results.violations.map(
        ({ id, nodes }) =>
          `${id}: ${nodes
            .map((node) => node.html)
            .join(" | ")
            .slice(0, 400)}`,
      )
    }, runOnly)
  }

  /** Presses Tab until the focused element has this role and name. */
  async tabTo(role: string, name: RegExp): Promise<void> {
    for (let presses = 0; presses < 60; presses += 1) {
      await this.page.keyboard.press("Tab")
      const focused = await this.page.evaluate(() => {
        let element: Element | null = document.activeElement
        while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
        const labels =
          element instanceof HTMLInputElement
            ? [...(element.labels ?? [])].map((label) => label.textContent)
            : []
        const kind = (element as HTMLInputElement)?.type
        const roles: Record<string, string> = {
          A: "link",
          BUTTON: "button",
          INPUT: kind === "radio" || kind === "checkbox" ? kind : "textbox",
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
}

export const services = "/organizations/acme/services"

/** Opens the page before the tests of this file and closes it after them. */
export const usePage = (): TestedPage => {
  const here = new TestedPage()
  beforeAll(() => here.open(), 60_000)
  afterAll(() => here.close())
  beforeEach(() => {
    here.complaints = []
    here.foreign = []
  })
  return here
}
