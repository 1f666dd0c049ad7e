import { request } from "node:http"
import { text } from "node:stream/consumers"
import { inject } from "vitest"
import type { Shared } from "./setup.ts"

/** Something that all tests of this run share. */
export const ofWholeRun = <name extends keyof Shared>(name: name) =>
  new Promise<Shared[name]>((resolve, reject) => {
    const asking = request({ socketPath: inject("wholeRun"), path: `/${name}` }, (response) => {
      text(response).then((answer) => {
        if (response.statusCode === 200) resolve(JSON.parse(answer))
        else reject(new Error(`${name}: ${answer}`))
      }, reject)
    })
    asking.on("error", reject).end()
  })
