import type { ChildProcess } from "node:child_process"
import { once } from "node:events"
import { type Duplex, PassThrough, type Readable } from "node:stream"
import { createGunzip } from "node:zlib"
import type Koa from "koa"
import { killGit, settings, spawnGit } from "../gitRemotes/git.ts"
import { answer, type PushRequest, readRequest, sayTo } from "../gitRemotes/hook.ts"
import type { Repository } from "../gitRemotes/Repositories.ts"

export type GitService = "git-receive-pack" | "git-upload-pack"

/** An upload from which nothing comes for so long is over. */
const idleMs = 120_000
const fetchMs = 600_000
/** A push waits for its deployment; that goes on when the push is given up. */
const pushMs = 3_600_000

const start = (
  repository: Repository,
  service: GitService,
  args: ReadonlyArray<string>,
  hooked: boolean,
  ms: number,
): ChildProcess => {
  const child = spawnGit(
    [
      ...settings(repository.hooks, repository.packBytes),
      service.slice("git-".length),
      "--stateless-rpc",
      ...args,
      repository.path,
    ],
    { stdio: ["pipe", "pipe", "ignore", ...(hooked ? (["pipe"] as const) : [])] },
  )
  const timer = setTimeout(() => killGit(child), ms)
  child.once("error", () => undefined)
  child.once("close", () => {
    clearTimeout(timer)
  })
  // What it says is read to its end, also when nobody wants it any more; what it is told may come too late.
  child.stdin?.on("error", () => undefined)
  return child
}

const noCache = (ctx: Koa.Context, type: string): void => {
  ctx.status = 200
  ctx.set({ "Cache-Control": "no-cache, max-age=0, must-revalidate", "Content-Type": type })
}

/** Sends what it says. Whoever is to hear it may leave: then it goes on unheard. */
const answerWith = (ctx: Koa.Context, child: ChildProcess, first: string): void => {
  const out = new PassThrough()
  if (first !== "") out.write(first)
  const said = child.stdout as Readable
  said.pipe(out)
  out.on("close", () => said.unpipe(out).resume())
  out.on("error", () => undefined)
  ctx.body = out
}

/** Gives it what the client sends. What it does not want is read to its end all the same, so that it can say why. */
const feed = async (ctx: Koa.Context, child: ChildProcess): Promise<void> => {
  ctx.req.setTimeout(idleMs, () => ctx.req.destroy())
  const stdin = child.stdin!
  const gzipped = ["gzip", "x-gzip"].includes(ctx.get("Content-Encoding"))
  const sent: Readable = gzipped ? ctx.req.pipe(createGunzip()) : ctx.req
  try {
    for await (const chunk of sent.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>)
      if (stdin.writable && !stdin.write(chunk))
        await Promise.race([once(stdin, "drain"), once(stdin, "close")]).catch(() => undefined)
    stdin.end()
  } catch {
    // Cut off: Git finds that by itself, and takes nothing.
    stdin.destroy()
  }
  ctx.req.setTimeout(0)
}

const packetLine = (text: string) => `${(text.length + 4).toString(16).padStart(4, "0")}${text}`

/** What branches there are: the first question of each fetch and push. */
export const advertise = (ctx: Koa.Context, repository: Repository, service: GitService): void => {
  const child = start(repository, service, ["--advertise-refs"], false, fetchMs)
  child.stdin!.end()
  answerWith(ctx, child, `${packetLine(`# service=${service}\n`)}0000`)
  noCache(ctx, `application/x-${service}-advertisement`)
}

export const fetchPack = (ctx: Koa.Context, repository: Repository): void => {
  const child = start(repository, "git-upload-pack", [], false, fetchMs)
  void feed(ctx, child)
  ctx.res.once("close", () => killGit(child))
  answerWith(ctx, child, "")
  noCache(ctx, "application/x-git-upload-pack-result")
}

/**
 * A push. When all of it has arrived `decide` says whether it is taken, and what whoever pushes is told meanwhile;
 * `ended` follows when Git has.
 */
export const pushPack = (
  ctx: Koa.Context,
  repository: Repository,
  decide: (request: PushRequest, say: (line: string) => void) => Promise<boolean>,
  ended: () => void,
): void => {
  const child = start(repository, "git-receive-pack", [], true, pushMs)
  const hook = child.stdio[3] as Duplex
  void readRequest(hook).then(async (request) => {
    if (request !== null) answer(hook, await decide(request, sayTo(hook)).catch(() => false))
    else hook.destroy()
  })
  child.once("close", ended)
  void feed(ctx, child)
  answerWith(ctx, child, "")
  noCache(ctx, "application/x-git-receive-pack-result")
}
