import Fastify from "fastify"
import { page } from "./page.js"

const port = Number(process.env.PORT ?? 3000)
const greeting = process.env.GREETING ?? "Hello from Node.js"

const app = Fastify({ forceCloseConnections: true })

app.addHook("onResponse", async (request, reply) => {
  const milliseconds = reply.elapsedTime.toFixed(1)
  console.log(`${request.method} ${request.url} ${reply.statusCode} ${milliseconds} ms`)
})

app.get("/", async (_request, reply) => reply.type("text/html; charset=utf-8").send(page(greeting)))

app.get("/health", async () => ({ status: "ok", uptimeSeconds: Math.round(process.uptime()) }))

for (const signal of ["SIGTERM", "SIGINT"]) {
  process.once(signal, async () => {
    console.log(`${signal}: closing`)
    await app.close()
    process.exit(0)
  })
}

await app.listen({ port, host: "0.0.0.0" })
console.log(`listening on port ${port}, Node.js ${process.versions.node}`)
