import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { createServer as createVite } from "vite"
import { play } from "./play.ts"
import { accounts, startFake } from "./server.ts"

/** `node ui/test/contract-server/main.ts [--port N] [--built]`: the page over a fake, for working on the page alone. */
const { values } = parseArgs({
  options: { port: { type: "string", default: "5199" }, built: { type: "boolean", default: false } },
})

const vite = async (server: import("node:http").Server) => {
  const dev = await createVite({
    configFile: fileURLToPath(new URL("../../vite.config.ts", import.meta.url)),
    appType: "spa",
    server: { middlewareMode: true, hmr: { server } },
  })
  return dev.middlewares
}

const fake = await startFake({
  stepMs: 2500,
  port: Number(values.port),
  ...(values.built ? {} : { page: vite }),
})
play(fake.platform)
const { email, password } = accounts.administrator
console.log(`This is a fake: it builds and runs nothing. ${fake.url} · ${email} · ${password}`)
