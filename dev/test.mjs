// `npm test [-- part of a file's name …]`: installs what is missing, then runs dev/tests.ts.
import { join } from "node:path"
import { checkout, command, runNode24 } from "./setup/setup.mjs"

await command("test", () => runNode24([join(checkout, "dev", "tests.ts"), ...process.argv.slice(2)]))
