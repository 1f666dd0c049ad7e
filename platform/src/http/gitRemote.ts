import { Unauthorized } from "@skypanel/contract/Errors"
import type { ServiceId } from "@skypanel/contract/Id"
import { Name } from "@skypanel/contract/Name"
import { CurrentUser } from "@skypanel/contract/Session"
import { Effect, Schema } from "effect"
import type Koa from "koa"
import { takePush } from "../deploy/push.ts"
import { newServiceId } from "../domain/id.ts"
import { killGit, running } from "../gitRemotes/git.ts"
import type { PushRequest } from "../gitRemotes/hook.ts"
import { Repositories } from "../gitRemotes/Repositories.ts"
import { orUnavailable } from "../store/Database.ts"
import { findService } from "../store/ServiceViews.ts"
import { signedInUser } from "./authorization.ts"
import { advertise, fetchPack, type GitService, pushPack } from "./gitPacks.ts"
import { memberOf } from "./organization.ts"
import { makeSlots } from "./slots.ts"

/** Each push holds a process and a connection for as long as its deployment takes. */
const takeSlot = makeSlots(32, 4)

const unauthorized = new Unauthorized({
  message: "You are not signed in.",
  next: "Let `skypanel git remote NAME` set the remote up, or give a token as the password.",
})

/** Git sends what a credential helper gives it: the session's token is the password, whatever the user name. */
const bearerOf = (authorization: string) => {
  const [scheme = "", value = ""] = authorization.split(" ")
  if (scheme.toLowerCase() !== "basic") return unauthorized
  const [, token = ""] = /^[^:]*:(.+)$/s.exec(Buffer.from(value, "base64").toString()) ?? []
  return token === "" ? unauthorized : Effect.succeed(`Bearer ${token}`)
}

interface Asked {
  readonly slug: string
  readonly name: string
  readonly what: "info/refs" | GitService
}

const parse = (path: string): Asked | null => {
  const found = /^\/git\/([^/]+)\/([^/]+)\.git\/(info\/refs|git-receive-pack|git-upload-pack)$/.exec(path)
  return found === null ? null : { slug: found[1]!, name: found[2]!, what: found[3] as Asked["what"] }
}

/** What git-lfs asks before a push. It prints the message of what it gets, and the push ends. */
const refuseLfs = (ctx: Koa.Context, name: string) =>
  Effect.sync(() => {
    const message = `Files in Git LFS are not pushed here. Deploy the folder, which has them: skypanel deploy ${name} --dir . Or the repository that keeps them: skypanel deploy ${name} --git URL --lfs`
    ctx.status = 404
    ctx.type = "application/vnd.git-lfs+json"
    ctx.body = JSON.stringify({ message })
    ctx.set("Connection", "close")
  })

const refuse = (ctx: Koa.Context, status: number, text: string) =>
  Effect.sync(() => {
    ctx.status = status
    ctx.body = `${text}\n`
    // Git asks its credential helper when it is told to.
    if (status === 401) ctx.set("WWW-Authenticate", 'Basic realm="SkyPanel", charset="UTF-8"')
    ctx.set("Connection", "close")
  })

type Needed =
  | Effect.Services<ReturnType<typeof takePush>>
  | Exclude<Effect.Services<ReturnType<typeof memberOf>>, CurrentUser>
  | Repositories

const serviceOf = (ctx: Koa.Context, what: Asked["what"]): GitService | null => {
  if (what !== "info/refs") return ctx.method === "POST" ? what : null
  const asked = ctx.query.service
  return ctx.method === "GET" && (asked === "git-receive-pack" || asked === "git-upload-pack") ? asked : null
}

const answer = Effect.fnUntraced(function* (ctx: Koa.Context, { slug, name, what }: Asked) {
  const user = yield* Effect.flatMap(bearerOf(ctx.get("authorization")), (authorization) =>
    signedInUser({ authorization }),
  )
  const organization = yield* Effect.provideService(memberOf(slug), CurrentUser, user)
  const service = serviceOf(ctx, what)
  if (service === null || !Schema.is(Name)(name)) return yield* refuse(ctx, 404, "There is nothing here.")
  const repositories = yield* Repositories
  const found = yield* findService(organization.id, name)
  if (found === null && service === "git-upload-pack")
    return yield* refuse(ctx, 404, `There is no service ${name}.`)
  const release = takeSlot(organization.id)
  if (release === null) return yield* refuse(ctx, 503, "Too much is pushed at the moment: try again.")
  const context = yield* Effect.context<Needed>()
  // The service may be created by this push: its repository is there before it.
  const serviceId: ServiceId = found?.id ?? newServiceId()
  const removeUnused = Effect.gen(function* () {
    const made = yield* findService(organization.id, name)
    if (made?.id !== serviceId) yield* repositories.remove(organization.id, serviceId)
  }).pipe(Effect.ignore)
  const ended = () => {
    release()
    if (found === null && what === "git-receive-pack") Effect.runForkWith(context)(removeUnused)
  }
  yield* Effect.gen(function* () {
    const full = service === "git-receive-pack" ? yield* repositories.whyNoRoom(organization.id) : null
    if (full !== null) {
      release()
      yield* Effect.logWarning(`a push was refused: ${full}`)
      return yield* refuse(ctx, 507, full)
    }
    if (what === "info/refs") {
      const repository = yield* found === null
        ? repositories.empty
        : repositories.of(organization.id, found.id)
      return advertise(ctx, repository, service, ended)
    }
    const repository = yield* repositories.of(organization.id, serviceId)
    if (service === "git-upload-pack") return fetchPack(ctx, repository, ended)
    const decide = (request: PushRequest, say: (line: string) => void) =>
      Effect.runPromiseWith(context)(
        takePush({
          organization,
          user: user.email,
          service: name,
          serviceId,
          repository: repository.path,
          request,
          say,
        }),
      )
    return pushPack(ctx, repository, decide, ended)
  }).pipe(Effect.onError(() => Effect.sync(release)))
})

/** The services' Git remotes, `/git/<organization>/<service>.git`: smart HTTP, for members. */
export const gitMiddleware = Effect.gen(function* () {
  const context = yield* Effect.context<Needed>()
  yield* Effect.addFinalizer(() => Effect.sync(() => running.forEach((child) => void killGit(child))))
  const middleware: Koa.Middleware = async (ctx, next) => {
    if (!ctx.path.startsWith("/git/")) return next()
    const [, lfsOf] = /^\/git\/[^/]+\/([a-z0-9-]{1,30})\.git\/info\/lfs\//.exec(ctx.path) ?? []
    if (lfsOf !== undefined) return Effect.runPromise(refuseLfs(ctx, lfsOf))
    const asked = parse(ctx.path)
    const answered =
      asked === null ? refuse(ctx, 404, "There is nothing here.") : answer(ctx, asked).pipe(orUnavailable)
    await Effect.runPromiseWith(context)(
      Effect.catch(answered, (error) =>
        refuse(
          ctx,
          { Unauthorized: 401, NotFound: 404, Unavailable: 503 }[error._tag],
          `${error.message} ${error.next}`,
        ),
      ),
    )
  }
  return middleware
})
