import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import { Readable } from "node:stream"
import { expect, test } from "vitest"
import { fetchLayer, WriteFailed } from "./FetchLayer.ts"
import type { Registry } from "./Registry.ts"

// Every write to it fails as on a full disk.
const full = "/dev/full"

test.skipIf(!existsSync(full))("a disk that is full is told as that, after one attempt", async () => {
  const bytes = Buffer.from("a layer")
  const layer = {
    mediaType: "application/vnd.oci.image.layer.v1.tar" as const,
    digest: `sha256:${createHash("sha256").update(bytes).digest("hex")}`,
    size: bytes.length,
  }
  let asked = 0
  const get = async () => {
    asked += 1
    return { status: 200, headers: {}, body: Readable.from([bytes]) }
  }
  const fetched = fetchLayer({ get } as unknown as Registry, layer, full, new AbortController().signal)
  await expect(fetched).rejects.toBeInstanceOf(WriteFailed)
  expect(asked).toBe(1)
})
