import { join } from "node:path"
import { Effect } from "effect"

/** The page as it is shipped. */
export const buildPage = (folder: string) =>
  Effect.promise(async () => {
    const { build } = await import("vite")
    await build({
      configFile: join(import.meta.dirname, "../../../ui/vite.config.ts"),
      logLevel: "error",
      build: { outDir: folder, emptyOutDir: true },
    })
    return folder
  })
