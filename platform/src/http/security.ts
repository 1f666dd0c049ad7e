import type Koa from "koa"

const safe = new Set(["GET", "HEAD", "OPTIONS"])

/**
 * A browser says where a request comes from. What changes something is taken from our own page only: applications of
 * customers run on sibling host names, where the cookie's SameSite does not hold them off.
 */
export const refuseForeignOrigins =
  (origins: ReadonlyArray<string>): Koa.Middleware =>
  async (ctx, next) => {
    const origin = ctx.get("origin")
    if (safe.has(ctx.method) || origin === "" || origins.includes(origin)) return next()
    ctx.status = 403
    ctx.body = {
      _tag: "Forbidden",
      message: "This request comes from another site.",
      next: "Use the page of this platform.",
    }
  }

export const securityHeaders =
  (development: boolean): Koa.Middleware =>
  async (ctx, next) => {
    ctx.set("x-content-type-options", "nosniff")
    ctx.set("x-frame-options", "DENY")
    ctx.set("referrer-policy", "same-origin")
    // Vite's own client in development is an inline script; the API's documentation page holds one always.
    if (!development && !ctx.path.startsWith("/api/v1/docs"))
      ctx.set(
        "content-security-policy",
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
      )
    await next()
  }
