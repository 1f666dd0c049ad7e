import { agentsBenchmark } from "./agents.ts"
console.log(await agentsBenchmark(process.argv.slice(2)))
process.exit(0)
