import { Effect } from "effect"
import { assignment, openWorkbench } from "./Workbench.ts"

/* For tests: a builder in a process of its own, which builds the expression of its second argument until it is killed. */

const [, , dataFolder, expression, id] = process.argv as [string, string, string, string, string]
const bench = await openWorkbench({ dataFolder })
const build = {
  ...assignment({ _tag: "expression", expression }),
  id: id as ReturnType<typeof assignment>["id"],
}
await bench.assign(build)
setInterval(async () => {
  const observed = await Effect.runPromise(bench.builds.observed)
  console.log(observed[0]?.phase)
}, 20)
