// `npm run bench [-- name …]`: installs what is missing, then runs bench/main.ts.
import { join } from "node:path"
import { checkout, command, runNode24 } from "./setup/setup.mjs"

await command("bench", () => runNode24([join(checkout, "bench", "main.ts"), ...process.argv.slice(2)]))
