import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { chromium } from "playwright-core"
import { build } from "vite"
import { afterAll, beforeAll } from "vitest"
import { chromiumFlags } from "./chromiumFlags.ts"

const flags = ["--headless", ...chromiumFlags]

/** A real Chromium with its profile in a folder of its own. */
export const openBrowser = (profile: string, more: ReadonlyArray<string> = []) =>
  chromium.launchPersistentContext(profile, {
    executablePath: "/usr/bin/chromium",
    viewport: { width: 1280, height: 900 },
    args: [...flags, ...more],
  })

/** The same for people who know nothing of each other: each has a context of their own. */
export const openBrowserForSeveral = () =>
  chromium.launch({ executablePath: "/usr/bin/chromium", args: flags })

/** The page as it is shipped, for the tests of a file: a folder that it is built into before them. */
export const useBuiltPage = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "skypanel-page-"))
  beforeAll(async () => {
    await build({
      configFile: fileURLToPath(new URL("../../ui/vite.config.ts", import.meta.url)),
      logLevel: "error",
      build: { outDir: folder, emptyOutDir: true },
    })
  }, 60_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
