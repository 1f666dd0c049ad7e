import { Agent } from "node:http"
import { type Answer, type Asking, askPort } from "./edge.ts"

/** Asks without a pause, through several connections that are kept and several that are not, until it is stopped. */
export const startLoad = (
  port: number,
  host: string,
  isRight: (answer: Answer) => boolean,
  asking: Asking = {},
) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  const failures: Array<unknown> = []
  const answers = new Map<string, number>()
  let done = false
  let requests = 0
  const client = async (kept: boolean) => {
    while (!done) {
      const answer = await askPort(port, host, kept ? { ...asking, agent } : asking).catch(String)
      requests += 1
      if (typeof answer === "object" && isRight(answer))
        answers.set(answer.text, (answers.get(answer.text) ?? 0) + 1)
      else if (failures.length < 5) failures.push(answer)
    }
  }
  const clients = Array.from({ length: 8 }, (_, n) => client(n % 2 === 0))
  return {
    requests: () => requests,
    /** How often each text was the answer. */
    answers,
    /** Ends it; gives what was not right, at most the first few. */
    stop: async () => {
      done = true
      await Promise.all(clients)
      agent.destroy()
      return failures
    },
  }
}
