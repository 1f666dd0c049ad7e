// The complete flakes in docs/nixos.md, each in a folder of its own with what it takes from the machine.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

const document = join(import.meta.dirname, "..", "..", "..", "docs", "nixos.md")

/** Calls `use` with the path of each example's flake. */
export const withExamples = async (use) => {
  const text = await readFile(document, "utf8")
  const blocks = [...text.matchAll(/^```nix\n(.*?)^```/gms)].map(([, block]) => block)
  const folder = await mkdtemp(join(tmpdir(), "skypanel-examples-"))
  try {
    await writeFile(join(folder, "hardware-configuration.nix"), "{ }\n")
    for (const [index, block] of blocks.filter((each) => each.includes("nixosConfigurations")).entries()) {
      const file = join(folder, `example-${index + 1}.nix`)
      // The key is the page's to show; here it only has to look like one.
      await writeFile(file, block.replace('platformKey = "…"', `platformKey = "${"A".repeat(43)}"`))
      await use(file, index + 1)
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
