import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "vite"
import { type FakeServer, startFake } from "./contract-server/server.ts"

export interface BuiltPage extends FakeServer {
  readonly remove: () => Promise<void>
}

/** The page as it is shipped, built into a folder of its own, over the fake. */
export const startPage = async (stepMs: number): Promise<BuiltPage> => {
  const dist = mkdtempSync(join(tmpdir(), "skypanel-dist-"))
  await build({
    configFile: fileURLToPath(new URL("../vite.config.ts", import.meta.url)),
    logLevel: "error",
    build: { outDir: dist, emptyOutDir: true },
  })
  const fake = await startFake({ stepMs, dist })
  return {
    ...fake,
    remove: async () => {
      await fake.close()
      rmSync(dist, { recursive: true, force: true })
    },
  }
}
