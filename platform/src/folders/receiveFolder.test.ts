import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { PassThrough } from "node:stream"
import { afterAll, expect, test } from "vitest"
import { receiveFolder } from "./receiveFolder.ts"

const incoming = mkdtempSync(join(tmpdir(), "skypanel-receive-"))
afterAll(() => rmSync(incoming, { recursive: true, force: true }))

test("a folder that does not arrive in its time is given up", async () => {
  const body = new PassThrough()
  const received = receiveFolder(body as AsyncIterable<Buffer>, {
    incoming,
    digest: null,
    reserveBytes: 0,
    limits: { ms: 50 },
  })
  await expect(received).rejects.toMatchObject({ reason: "it took too long to arrive" })
  expect(readdirSync(incoming)).toEqual([])
  // What comes later is not written anywhere.
  body.end("late")
})
