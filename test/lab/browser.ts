import { chromium } from "playwright-core"
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
