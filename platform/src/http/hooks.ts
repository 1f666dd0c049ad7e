import type { IncomingMessage } from "node:http"
import type { Router } from "@koa/router"
import type { OrganizationId } from "@skypanel/contract/Id"
import { Effect, PartitionedSemaphore } from "effect"
import type Koa from "koa"
import { deliver } from "../connections/deliver.ts"
import { providerOf } from "../domain/git/hookRequest.ts"
import { findHook, type HookRow } from "../store/Hooks.ts"

/** A push of GitHub with 2,048 commits and their files may be 25 MB; one of a thousand files is far below this. */
export const hookBodyMaxBytes = 4 * 1024 * 1024
const bodySeconds = 10
/** What is read and not dealt with yet is in memory. Others wait, each organization in a line of its own. */
const bodiesAtOnce = 32
/** 24 bytes in base64url; whatever else is asked for is not looked up. */
const idPattern = /^[A-Za-z0-9_-]{32}$/

/** Null: it is too large. Rejects when it is cut off, or does not come in time. */
const readBody = async (request: IncomingMessage): Promise<Uint8Array | null> => {
  if (Number(request.headers["content-length"] ?? 0) > hookBodyMaxBytes) return null
  const late = setTimeout(() => request.destroy(), bodySeconds * 1000)
  try {
    const chunks: Array<Buffer> = []
    let bytes = 0
    for await (const chunk of request) {
      bytes += (chunk as Buffer).length
      if (bytes > hookBodyMaxBytes) return null
      chunks.push(chunk as Buffer)
    }
    return Buffer.concat(chunks)
  } finally {
    clearTimeout(late)
  }
}

const answer = (ctx: Koa.Context, status: number, body: object) => {
  ctx.status = status
  ctx.body = body
}

type HookServices = Effect.Services<ReturnType<typeof deliver>> | Effect.Services<ReturnType<typeof findHook>>

/** `/hooks/<id>`: where Git hosts tell of pushes. Its body is read only for a webhook that there is. */
export const hookRoutes = (router: Router) =>
  Effect.gen(function* () {
    const run = Effect.runPromiseWith(yield* Effect.context<HookServices>())
    const unavailable = (error: unknown) =>
      Effect.as(Effect.logError("webhook", error), "unavailable" as const)

    const bodies = yield* PartitionedSemaphore.make<OrganizationId>({ permits: bodiesAtOnce })

    const take = Effect.fnUntraced(function* (ctx: Koa.Context, hook: HookRow) {
      const body = yield* Effect.promise(() => readBody(ctx.req))
      if (body === null) {
        // What is still on its way is not waited for.
        ctx.set("Connection", "close")
        return answer(ctx, 413, { message: `A delivery has at most ${hookBodyMaxBytes} bytes.` })
      }
      const header = (name: string) => ctx.get(name)
      const told = yield* deliver(hook, providerOf(header), header, body).pipe(Effect.catch(unavailable))
      if (told === "unavailable") return answer(ctx, 503, { message: "Try again later." })
      if (told === null) return answer(ctx, 401, { message: "The secret of this webhook is another one." })
      return answer(ctx, told.outcome === "deployed" ? 202 : 200, told)
    })

    router.post("/hooks/:id", async (ctx) => {
      const id = ctx.path.slice("/hooks/".length)
      const hook = idPattern.test(id) ? await run(findHook(id).pipe(Effect.catch(unavailable))) : null
      if (hook === "unavailable") return answer(ctx, 503, { message: "Try again later." })
      if (hook === null)
        return answer(ctx, 404, { message: "There is no such webhook, or it is switched off." })
      await run(bodies.withPermit(hook.organization_id)(take(ctx, hook)))
    })
  })
