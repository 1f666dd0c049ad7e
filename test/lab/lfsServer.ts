import { createReadStream } from "node:fs"
import { stat } from "node:fs/promises"
import type { IncomingMessage, ServerResponse } from "node:http"
import { join } from "node:path"
import { json } from "node:stream/consumers"

/*
 * For tests: the downloading half of Git LFS's batch API, over what git-lfs itself keeps beside a repository. Debian has
 * the client only. https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md
 */

interface Asked {
  readonly objects: ReadonlyArray<{ readonly oid: string; readonly size: number }>
}

const place = /^(\/.+\/\.git)\/info\/lfs\/objects\/(batch|[0-9a-f]{64})$/

const fileOf = (root: string, repository: string, oid: string) =>
  join(root, repository, "lfs", "objects", oid.slice(0, 2), oid.slice(2, 4), oid)

const batch = async (root: string, repository: string, base: string, request: IncomingMessage) => {
  const { objects } = (await json(request)) as Asked
  const { authorization } = request.headers
  // What lets in here lets in there, as GitLab has it.
  const header = authorization === undefined ? {} : { Authorization: authorization }
  const answers = objects.map(async ({ oid, size }) => {
    const there = await stat(fileOf(root, repository, oid)).catch(() => null)
    return there === null
      ? { oid, size, error: { code: 404, message: "Object does not exist on the server" } }
      : { oid, size, actions: { download: { href: `${base}/${oid}`, header } } }
  })
  return { transfer: "basic", objects: await Promise.all(answers) }
}

/** Answers what is asked of an LFS server; false when the request is none of those. */
export const answerLfs = (
  root: string,
  origin: string,
  request: IncomingMessage,
  response: ServerResponse,
): boolean => {
  const [, repository, what] = place.exec(request.url ?? "") ?? []
  if (repository === undefined || what === undefined) return false
  if (what === "batch")
    batch(root, repository, `${origin}${repository}/info/lfs/objects`, request).then(
      (answer) =>
        response
          .writeHead(200, { "Content-Type": "application/vnd.git-lfs+json" })
          .end(JSON.stringify(answer)),
      () => response.writeHead(400).end(),
    )
  else
    createReadStream(fileOf(root, repository, what))
      .on("error", () => response.writeHead(404).end())
      .pipe(response)
  return true
}
