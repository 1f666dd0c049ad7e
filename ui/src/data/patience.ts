import { asProblem } from "./problem.ts"

const attempts = 3
const firstDelayMs = 400

/**
 * Reads again a little later when nobody answered: a browser breaks off what is under way when the machine's network
 * changes, which on a machine with containers it does often. For what may be asked twice only.
 */
export const patiently = async <A>(read: () => Promise<A>, signal?: AbortSignal): Promise<A> => {
  for (let attempt = 1; ; attempt += 1)
    try {
      return await read()
    } catch (error) {
      if (attempt >= attempts || signal?.aborted || asProblem(error).kind !== "Unreachable") throw error
      await new Promise((resolve) => setTimeout(resolve, firstDelayMs * attempt))
    }
}
