import { Effect } from "effect"
import { expect, test } from "vitest"
import { builderPrograms, missingPrograms } from "./Programs.ts"

test("programs that are not on the search path are named", async () => {
  expect(await Effect.runPromise(missingPrograms("/nonexistent:"))).toEqual(builderPrograms)
})
