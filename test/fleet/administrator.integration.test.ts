import { beforeAll, describe } from "vitest"
import { inFleet, useFleet } from "../lab/fleet.ts"
import { ofWholeRun } from "../lab/wholeRun/ofWholeRun.ts"
import { inThePage } from "./inThePage.ts"
import { onTheCommandLine } from "./onTheCommandLine.ts"

// The life of a worker as its administrator sees it, with real agents: added, watched, lost, back, drained, removed.

const names = ["hel1-a", "nbg1-a"]
const fleet = useFleet(names, { SKYPANEL_UI_FOLDER: await ofWholeRun("page") })

beforeAll(async () => {
  for (const name of names)
    await fleet().api("PATCH", `/workers/${name}`, { region: name.slice(0, 4), labels: { disk: "ssd" } })
  await inFleet(fleet).deploy("web", { replicas: 2 })
}, 240_000)

describe("an administrator in the page", () => inThePage(fleet))
describe("an administrator on the command line", () => onTheCommandLine(fleet))
