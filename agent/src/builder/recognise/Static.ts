import { Result } from "effect"
import type { Language } from "./Language.ts"
import { seen } from "./Recognised.ts"

/** Where a site of files is, when nobody says it. */
const folders = ["", "public/", "dist/", "build/", "_site/", "site/", "www/", "docs/"]

/** Files that are served as they are. */
export const staticSite: Language = {
  kind: "static",
  looksFor: "index.html",
  recognise: ({ tree, folder, wishes, config }) => {
    const wanted = wishes.staticFolder === null ? null : `${wishes.staticFolder}/`.replace(/^\.\/$/, "")
    if (wanted !== null && !tree.has(`${wanted}index.html`))
      return Result.fail(
        config.refuse(
          "static",
          "folder",
          `there is no ${wanted}index.html`,
          "Correct `folder` of [static]; or add a package.json with the tool that makes it.",
        ),
      )
    const asked = wanted !== null || wishes.kind === "static"
    const found = wanted ?? (asked ? folders : [""]).find((each) => tree.has(`${each}index.html`))
    if (found === undefined) return null
    if (wishes.buildCommand !== null)
      return Result.fail(
        config.refuse(
          "build",
          "command",
          "files that are served as they are need no command",
          "Remove it; or add a package.json with the tool that builds the site.",
        ),
      )
    return Result.succeed({
      kind: "static",
      folder,
      reasoning: [
        ...(wishes.staticFolder === null ? [] : [seen(config.by("static", "folder"), wishes.staticFolder)]),
        seen(`${found}index.html`, "served as files"),
        ...(wishes.fallback === null
          ? []
          : [seen(config.by("static", "fallback"), `${wishes.fallback} for paths without a file`)]),
      ],
      settings: { folder: found === "" ? "." : found.replace(/\/$/, ""), fallback: wishes.fallback },
    })
  },
}
