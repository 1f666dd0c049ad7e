import type { ChildProcess } from "node:child_process"
import { type Duplex, PassThrough, type Readable, type Writable } from "node:stream"
import { createGunzip } from "node:zlib"
import type Koa from "koa"
import { killGit, settings, spawnGit } from "../gitRemotes/git.ts"
import { answer, type PushRequest, readRequest, sayTo } from "../gitRemotes/hook.ts"
import type { Repository } from "../gitRemotes/Repositories.ts"

export type GitService = "git-receive-pack" | "git-upload-pack"

/** An upload from which nothing comes for so long is over. */
const idleMs = 120_000
/** When all is said, what is sent still is read for so long. */
const answeredMs = 5000
/** What a push is beside its pack: names of branches. */
const besidesPackBytes = 16 * 1024 ** 2
const fetchMs = 600_000
/** A push waits for its deployment; that goes on when the push is given up. */
const pushMs = 3_600_000

const start = (
  repository: Repository,
  service: GitService,
  args: ReadonlyArray<string>,
  hooked: boolean,
  ms: number,
  ended: () => void,
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
  const end = () => {
    clearTimeout(timer)
    ended()
  }
  // One that could not be started has only an error.
  child.once("error", end).once("close", end)
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

const drained = (stdin: Writable): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      stdin.off("drain", done).off("close", done)
      resolve()
    }
    stdin.on("drain", done).on("close", done)
  })

/**
 * Gives it what the client sends. What it does not want is read all the same for a while, so that it can say why; when it
 * has ended, or time is up, an upload that is under way still is cut off.
 */
const feed = async (ctx: Koa.Context, child: ChildProcess, limits: Repository): Promise<void> => {
  const { req } = ctx
  const stdin = child.stdin!
  const cutOff = () => {
    if (!req.complete) req.destroy()
  }
  req.setTimeout(idleMs, cutOff)
  req.once("end", () => req.setTimeout(0))
  const late = setTimeout(cutOff, limits.uploadMs)
  child.once("close", () => {
    clearTimeout(late)
    setTimeout(cutOff, answeredMs).unref()
  })
  const zipped = ["gzip", "x-gzip"].includes(ctx.get("Content-Encoding")) ? req.pipe(createGunzip()) : null
  zipped?.on("error", () => undefined)
  // A pipe does not tell that its source broke off.
  req.once("close", () => req.complete || zipped?.destroy(new Error("cut off")))
  const sent: Readable = zipped ?? req
  let bytes = 0
  try {
    for await (const chunk of sent.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (!stdin.writable || bytes > limits.packBytes + besidesPackBytes) break
      if (!stdin.write(chunk)) await drained(stdin)
    }
    if (sent.readableEnded) stdin.end()
    else stdin.destroy()
  } catch {
    // Cut off: Git finds that by itself, and takes nothing.
    stdin.destroy()
  }
  zipped?.destroy()
  req.unpipe().resume()
}

const packetLine = (text: string) => `${(text.length + 4).toString(16).padStart(4, "0")}${text}`

/** What branches there are: the first question of each fetch and push. */
export const advertise = (
  ctx: Koa.Context,
  repository: Repository,
  service: GitService,
  ended: () => void,
): void => {
  const child = start(repository, service, ["--advertise-refs"], false, fetchMs, ended)
  child.stdin!.end()
  answerWith(ctx, child, `${packetLine(`# service=${service}\n`)}0000`)
  noCache(ctx, `application/x-${service}-advertisement`)
}

export const fetchPack = (ctx: Koa.Context, repository: Repository, ended: () => void): void => {
  const child = start(repository, "git-upload-pack", [], false, fetchMs, ended)
  void feed(ctx, child, repository)
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
  const child = start(repository, "git-receive-pack", [], true, pushMs, ended)
  const hook = child.stdio[3] as Duplex
  void readRequest(hook).then(async (request) => {
    if (request !== null) answer(hook, await decide(request, sayTo(hook)).catch(() => false))
    else hook.destroy()
  })
  void feed(ctx, child, repository)
  answerWith(ctx, child, "")
  noCache(ctx, "application/x-git-receive-pack-result")
}
