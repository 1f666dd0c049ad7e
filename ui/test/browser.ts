import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type BrowserContext, chromium, type Page } from "playwright-core"
import { chromiumFlags } from "../../test/lab/chromiumFlags.ts"
import { accounts } from "./contract-server/server.ts"

export interface Opened {
  readonly context: BrowserContext
  readonly close: () => Promise<void>
}

/** A Chromium with a profile of its own. */
export const openBrowser = async (
  options: Parameters<typeof chromium.launchPersistentContext>[1] = {},
): Promise<Opened> => {
  const profile = mkdtempSync(join(tmpdir(), "skypanel-page-"))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: chromiumFlags,
    ...options,
  })
  context.setDefaultTimeout(10_000)
  return {
    context,
    close: async () => {
      await context.close()
      rmSync(profile, { recursive: true, force: true })
    },
  }
}

export const signIn = async (
  page: Page,
  url: string,
  who: keyof typeof accounts = "administrator",
): Promise<void> => {
  await page.goto(url)
  await page.getByLabel("E-mail").fill(accounts[who].email)
  await page.getByLabel("Password").fill(accounts[who].password)
  await page.getByRole("button", { name: "Sign in" }).click()
  await page.getByRole("navigation", { name: "Breadcrumb" }).waitFor()
}
