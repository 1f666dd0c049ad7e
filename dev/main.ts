// The development supervisor: PostgreSQL, Docker Engine, platform and worker, started in order and stopped in the
// opposite one. Started by dev/all.mjs under Node 24.
import { parts } from "./development.ts"
import { runDevelopment } from "./run.ts"

runDevelopment(parts)
