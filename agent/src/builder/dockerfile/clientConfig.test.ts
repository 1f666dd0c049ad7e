import { expect, test } from "vitest"
import { clientConfig } from "./clientConfig.ts"

test("a client's configuration has each registry by the name that Docker looks for", () => {
  const login = { username: "robot", password: "p:q" }
  const config = clientConfig([
    { registry: "docker.io", ...login },
    { registry: "ghcr.io", ...login },
  ])
  const auth = Buffer.from("robot:p:q").toString("base64")
  expect(JSON.parse(config)).toEqual({
    auths: { "https://index.docker.io/v1/": { auth }, "ghcr.io": { auth } },
  })
})
