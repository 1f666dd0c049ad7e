// The real supervisor with programs in place of the platform and the worker, for its tests.
import { join } from "node:path"
import { runDevelopment } from "../run.ts"

const here = (name: string) => [join(import.meta.dirname, name)]

runDevelopment({
  platform: here("platform.ts"),
  registerWorker: here("register.ts"),
  agent: here("agent.ts"),
})
