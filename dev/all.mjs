// `npm run dev:all`: installs what is missing, then starts everything. See dev/main.ts.
import { join } from "node:path"
import { checkout, command, runNode24 } from "./setup/setup.mjs"

await command("run", () => runNode24([join(checkout, "dev", "main.ts"), ...process.argv.slice(2)]))
