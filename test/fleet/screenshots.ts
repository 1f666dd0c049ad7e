import { appendFileSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import type { Page } from "playwright-core"
import type { CommandEnd } from "../lab/startPlatform.ts"

const { SKYPANEL_SCREENSHOTS: folder } = process.env
const wide = { width: 1280, height: 900 }
const narrow = { width: 390, height: 844 }

/** With SKYPANEL_SCREENSHOTS=FOLDER: what the page shows now, in light and dark, wide and on a phone; else nothing. */
export const photograph = async (page: Page, name: string) => {
  if (folder === undefined) return
  mkdirSync(folder, { recursive: true })
  for (const [size, viewport] of Object.entries({ narrow, wide }))
    for (const colorScheme of ["dark", "light"] as const) {
      await page.setViewportSize(viewport)
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" })
      await page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}.png`), fullPage: true })
    }
}

/** The same for a command and what it printed. */
export const transcribe = (args: ReadonlyArray<string>, { code, stdout, stderr }: CommandEnd) => {
  if (folder === undefined) return
  mkdirSync(folder, { recursive: true })
  appendFileSync(
    join(folder, "command-line.txt"),
    `$ skypanel workers ${args.join(" ")}\n${stderr === "" ? "" : `--- stderr\n${stderr}--- stdout\n`}${stdout}(${code})\n\n`,
  )
}
