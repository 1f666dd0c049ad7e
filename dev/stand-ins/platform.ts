import { createServer } from "node:http"

const server = createServer((_, response) => response.end("ready\n"))
server.listen(Number(process.env.SKYPANEL_PORT), process.env.SKYPANEL_HOST)
process.on("SIGTERM", () => {
  console.log("platform stops")
  process.exit(0)
})
