// `npm run build`: the user interface, for production. Nothing else needs building.
import { join } from "node:path"
import { checkout, command, runNode24 } from "./setup/setup.mjs"

await command("check", () =>
  runNode24([join(checkout, "node_modules", "vite", "bin", "vite.js"), "build", join(checkout, "ui")]),
)
