import { describe, expect, it } from "vitest"
import { build, describeRepository, folderWith } from "./building.ts"
import { startInSealedRoot } from "./sealed-root.ts"

/** Builds and starts a repository with these files, and gives what it answers at these paths. */
const answers = async (name: string, files: Record<string, string>, ...paths: ReadonlyArray<string>) => {
  const { program, closure } = await build(describeRepository(folderWith(name, files)))
  const running = await startInSealedRoot(program, closure, { readyPath: "/" })
  try {
    return await Promise.all(paths.map(async (path) => (await running.get(path)).text()))
  } finally {
    await running.kill()
  }
}

const server = (text: string) =>
  `require("node:http").createServer((_, answer) => answer.end(${text})).listen(process.env.PORT)\n`

describe("a skypanel.toml", () => {
  it("names the folder, the build and the process of a Procfile", async () => {
    const said = await answers(
      "toml",
      {
        "skypanel.toml":
          '[build]\npath = "apps/web"\ncommand = "node make.js && cd / && true"\n[start]\nprocess = "worker"\n',
        "apps/web/package.json": '{"name":"web","scripts":{"build":"exit 1","start":"exit 1"}}',
        "apps/web/package-lock.json": '{"lockfileVersion":3,"packages":{"":{"name":"web"}}}',
        "apps/web/Procfile": "web: exit 1\nworker: node out.js worker\n",
        "apps/web/make.js": `require("node:fs").writeFileSync("out.js", ${JSON.stringify(server('process.argv[2] + " " + require("node:fs").readdirSync(".")'))})`,
      },
      "/",
    )
    expect(said).toEqual(["worker Procfile,make.js,out.js,package-lock.json,package.json"])
  })

  it("names the folder of a site, and the page for paths without a file", async () => {
    const said = await answers(
      "fallback",
      {
        "skypanel.toml": '[static]\nfolder = "site"\nfallback = "app.html"\n',
        "site/index.html": "start",
        "site/app.html": "application",
        "secret.txt": "not served",
      },
      "/",
      "/orders/7",
      "/secret.txt",
    )
    expect(said).toEqual(["start", "application", "application"])
  })
})
