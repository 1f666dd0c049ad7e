// A visitor of an endpoint: `node visitor.ts PROXY HOST EVERY_MS`. Asks without a pause between, each time over a new
// connection, until its standard input ends; then prints what became of it as JSON.
import { request } from "node:http"

export interface Visits {
  readonly sent: number
  readonly failed: ReadonlyArray<{ readonly atMs: number; readonly what: string }>
  /** The longest time without a good answer. */
  readonly longestGapMs: number
  /** Who answered, by what they said. */
  readonly answers: Readonly<Record<string, number>>
}

const deadlineMs = 10_000

const ask = (address: string, port: number, host: string) =>
  new Promise<{ readonly status: number; readonly text: string }>((resolve, reject) => {
    const asking = request({ host: address, port, headers: { host }, agent: false, timeout: deadlineMs })
    asking.on("timeout", () => asking.destroy(new Error("no answer in time")))
    asking.on("error", reject)
    asking.on("response", (response) => {
      let text = ""
      response.on("data", (chunk) => (text += chunk))
      response.on("error", reject)
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }))
    })
    asking.end()
  })

const visit = async (proxy: string, host: string, everyMs: number) => {
  const [address = "", port = ""] = proxy.split(":")
  const began = performance.now()
  const failed: Array<Visits["failed"][number]> = []
  const answers: Record<string, number> = {}
  const open = new Set<Promise<void>>()
  let sent = 0
  let lastGood = began
  let longestGapMs = 0
  let ended = false
  process.stdin.on("end", () => (ended = true)).resume()
  const good = () => {
    const now = performance.now()
    longestGapMs = Math.max(longestGapMs, now - lastGood)
    lastGood = now
  }
  const one = async () => {
    const atMs = Math.round(performance.now() - began)
    try {
      const { status, text } = await ask(address, Number(port), host)
      if (status !== 200) return void failed.push({ atMs, what: `${status} ${text.slice(0, 100)}` })
      good()
      answers[text.slice(0, 200)] = (answers[text.slice(0, 200)] ?? 0) + 1
    } catch (error) {
      failed.push({ atMs, what: (error as Error).message })
    }
  }
  while (!ended) {
    sent++
    const asking = one().finally(() => open.delete(asking))
    open.add(asking)
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
  await Promise.all(open)
  longestGapMs = Math.round(Math.max(longestGapMs, performance.now() - lastGood))
  process.stdout.write(JSON.stringify({ sent, failed, longestGapMs, answers } satisfies Visits))
}

// The test that asked for it is over, and failed.
process.stdout.on("error", () => process.exit(1))

const [proxy = "", host = "", everyMs = "20"] = process.argv.slice(2)
if (proxy !== "") await visit(proxy, host, Number(everyMs))
