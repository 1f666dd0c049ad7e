import { ofWholeRun } from "../../test/lab/wholeRun/ofWholeRun.ts"
import { startFake } from "./contract-server/server.ts"

/** The page as it is shipped, over the fake. */
export const startPage = async (stepMs: number) => startFake({ stepMs, dist: await ofWholeRun("page") })
