import { createHash } from "node:crypto"
import type { IncomingMessage, ServerResponse } from "node:http"
import { gunzipSync } from "node:zlib"
import { Api } from "@skypanel/contract/Api"
import { NotFound } from "@skypanel/contract/Errors"
import { FolderRefused, sayRefused } from "@skypanel/contract/folder/FolderEntry"
import { FolderReader } from "@skypanel/contract/folder/FolderReader"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { FakeState } from "../FakeState.ts"

export const foldersHandlers = (state: FakeState) =>
  HttpApiBuilder.group(Api, "folders", (handlers) =>
    Effect.succeed(
      handlers.handle("get", ({ params }) => {
        const folder = state.folders.get(params.digest)
        return folder === undefined
          ? Effect.fail(new NotFound({ message: "This folder is not here.", next: "Upload it." }))
          : Effect.succeed({ digest: params.digest, files: folder.files, bytes: folder.bytes })
      }),
    ),
  )

/** Takes an upload as the platform does; false: it is none. */
export const takeFolder = (state: FakeState, request: IncomingMessage, response: ServerResponse): boolean => {
  const digest = /^\/api\/v1\/organizations\/acme\/folders\/([^/]+)$/.exec(request.url ?? "")?.[1]
  if (request.method !== "PUT" || digest === undefined) return false
  const chunks: Array<Buffer> = []
  request.on("data", (chunk) => chunks.push(chunk))
  request.on("end", () => {
    const answer = (status: number, body: object) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
    const paths: Array<string> = []
    const reader = new FolderReader({ entry: ({ path }) => paths.push(path), content() {} })
    try {
      const tar = gunzipSync(Buffer.concat(chunks))
      reader.push(tar)
      reader.end()
      if (createHash("sha256").update(tar).digest("hex") !== digest) throw new Error("another digest")
    } catch (error) {
      const message = error instanceof FolderRefused ? sayRefused(error) : String(error)
      return answer(400, { _tag: "InvalidInput", message, next: "Correct that.", issues: [] })
    }
    state.folders.set(digest, { files: reader.files, bytes: reader.bytes, paths })
    state.requests.push(`upload ${paths.join(" ")}`)
    return answer(201, { digest, files: reader.files, bytes: reader.bytes })
  })
  return true
}
