import type Koa from "koa"

const status = {
  UNAUTHORIZED: 401,
  DENIED: 403,
  NAME_UNKNOWN: 404,
  MANIFEST_UNKNOWN: 404,
  BLOB_UNKNOWN: 404,
  NAME_INVALID: 400,
  DIGEST_INVALID: 400,
  UNSUPPORTED: 405,
  UNAVAILABLE: 503,
} as const

export type RegistryErrorCode = keyof typeof status

/** The error form of the OCI distribution specification. */
export const answerError = (ctx: Koa.Context, code: RegistryErrorCode, message: string): void => {
  ctx.body = JSON.stringify({ errors: [{ code, message }] })
  ctx.status = status[code]
  ctx.set("Content-Type", "application/json")
  if (code === "UNSUPPORTED") ctx.set("Allow", "GET, HEAD")
}

export const answerJson = (ctx: Koa.Context, body: unknown): void => {
  ctx.body = JSON.stringify(body)
  ctx.status = 200
  ctx.set("Content-Type", "application/json")
}

/** Asks for a bearer token, where one gets it, and says for which repository. */
export const challenge = (ctx: Koa.Context, repository: string | null): void => {
  const scope = repository === null ? "" : `,scope="repository:${repository}:pull"`
  answerError(ctx, "UNAUTHORIZED", "a credential is needed")
  ctx.set(
    "WWW-Authenticate",
    `Bearer realm="${ctx.protocol}://${ctx.host}/v2/token",service="skypanel"${scope}`,
  )
}
