import { ConfigProvider, Effect, Exit, Fiber, Layer, Result } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { until } from "../../../test/lab/until.ts"
import {
  headerOf,
  type MailServer,
  type MailServerBehaviour,
  startMailServer,
} from "../../test/mailServer.ts"
import { PlatformConfig } from "../config.ts"
import type { MailError } from "./errors.ts"
import { Mail, type MailMessage, mailTimes } from "./Mail.ts"

/** E-mails through a real SMTP server. */

let server: MailServer
beforeEach(async () => {
  server = await startMailServer()
})
afterEach(() => server.stop())

const restart = async (behaviour: MailServerBehaviour) => {
  await server.stop()
  server.behaviour = behaviour
  await server.start()
}

const layer = (settings: Record<string, string>, messageMs: number = mailTimes.message) =>
  Mail.layerWith({ ...mailTimes, message: messageMs }).pipe(
    Layer.provide(PlatformConfig.layer),
    Layer.provide(
      ConfigProvider.layer(
        ConfigProvider.fromUnknown({
          DATABASE_URL: "postgres://x",
          SKYPANEL_DATA: "/nonexistent",
          SKYPANEL_SECRET: "0123456789012345678901234567890123456789",
          SKYPANEL_ADMIN_EMAIL: "admin@example.com",
          SKYPANEL_ADMIN_PASSWORD: "a long test password",
          SKYPANEL_MAIL_FROM: "SkyPanel <skypanel@example.com>",
          ...settings,
        }),
      ),
    ),
  )

const message: MailMessage = {
  to: "admin@example.com",
  subject: "[SkyPanel] Worker web-1 does not answer.",
  text: "It does not answer.\n",
  html: "<p>It does not answer.</p>",
  messageId: "ntf_1@panel.example.com",
}

const sendEffect = (url: string, more: Partial<MailMessage> = {}, messageMs?: number) =>
  Effect.flatMap(Mail, (mail) => mail.send({ ...message, ...more })).pipe(
    Effect.provide(layer({ SKYPANEL_SMTP_URL: url }, messageMs)),
  )

/** Null when it was sent. */
const send = async (url: string, more?: Partial<MailMessage>, messageMs?: number) => {
  const result = await Effect.runPromise(Effect.result(sendEffect(url, more, messageMs)))
  return Result.isSuccess(result) ? null : (result.failure as MailError)
}

const plain = () => `smtp://127.0.0.1:${server.port}`

describe("a message", () => {
  it("arrives as it was meant", async () => {
    expect(await send(plain())).toBe(null)
    const [mail] = server.received
    expect(mail).toMatchObject({ from: "skypanel@example.com", to: ["admin@example.com"], secure: false })
    expect(headerOf(mail!.raw, "From")).toBe("SkyPanel <skypanel@example.com>")
    expect(headerOf(mail!.raw, "To")).toBe("admin@example.com")
    expect(headerOf(mail!.raw, "Subject")).toBe(message.subject)
    expect(headerOf(mail!.raw, "Message-ID")).toBe("<ntf_1@panel.example.com>")
    expect(headerOf(mail!.raw, "Auto-Submitted")).toBe("auto-generated")
    expect(mail!.raw).toContain("\r\n\r\nIt does not answer.")
    expect(mail!.raw).toContain("<p>It does not answer.</p>")
  })

  it("cannot bring headers or receivers of its own", async () => {
    const attack = "x\r\nBcc: victim@example.com\r\n\r\nbody"
    expect(await send(plain(), { subject: attack, messageId: attack })).toBe(null)
    expect(server.received[0]!.to).toEqual(["admin@example.com"])
    expect(headerOf(server.received[0]!.raw, "Bcc")).toBe(null)
    for (const to of ["a@example.com, b@example.com", "a@example.com\r\nRCPT TO:<b@example.com>", "none"])
      expect(await send(plain(), { to })).toMatchObject({ _tag: "MailRefused" })
    expect(server.received).toHaveLength(1)
  })
})

describe("what the server says", () => {
  it.each<[string, MailServerBehaviour, MailError["_tag"], string]>([
    ["451 to the receiver", { onReceiver: () => "451 greylisted" }, "MailDeferred", "451 greylisted"],
    ["550 to the receiver", { onReceiver: () => "550 no such user" }, "MailRefused", "550 no such user"],
    ["452 to the message", { onMessage: () => "452 mailbox full" }, "MailDeferred", "452 mailbox full"],
    ["554 to the message", { onMessage: () => "554 looks like spam" }, "MailRefused", "554 looks like spam"],
    ["451 to the sender", { onSender: () => "451 wait" }, "MailDeferred", "451 wait"],
    ["550 to the sender", { onSender: () => "550 not yours" }, "MailUnavailable", "550 not yours"],
  ])("%s", async (_, behaviour, tag, words) => {
    server.behaviour = behaviour
    const error = await send(plain())
    expect(error?._tag).toBe(tag)
    expect(error?.message).toContain(words)
    expect(server.received).toEqual([])
  })

  it("a sender that it refuses is a setting to correct", async () => {
    server.behaviour = { onSender: () => "550 not yours" }
    expect(await send(plain())).toMatchObject({ next: expect.stringContaining("SKYPANEL_MAIL_FROM") })
  })

  it("nothing for too long: the message is tried again later", async () => {
    server.behaviour = { onMessage: () => new Promise(() => undefined) }
    expect(await send(plain(), {}, 300)).toMatchObject({ _tag: "MailDeferred" })
  })

  it("nothing at all: it does not run", async () => {
    await server.stop()
    expect(await send(plain())).toMatchObject({
      _tag: "MailUnavailable",
      message: expect.stringContaining("ECONNREFUSED"),
    })
  })
})

describe("a server that wants a password", () => {
  const login = { user: "sky", password: "p@ss word" }

  it("takes the right one", async () => {
    await restart({ login })
    expect(await send(`smtp://sky:p%40ss%20word@127.0.0.1:${server.port}`)).toBe(null)
    expect(server.received[0]!.user).toBe("sky")
  })

  it("refuses a wrong one, which is a setting to correct and never said", async () => {
    await restart({ login })
    const error = await send(`smtp://sky:hunter2@127.0.0.1:${server.port}`)
    expect(error).toMatchObject({
      _tag: "MailUnavailable",
      next: "Correct user and password in SKYPANEL_SMTP_URL.",
    })
    expect(JSON.stringify(error)).not.toMatch(/hunter2|aHVudGVyMg/)
  })
})

describe("encryption", () => {
  it.each<["always" | "offered", string]>([
    ["offered", "smtp://127.0.0.1:PORT?requireTLS=true"],
    ["always", "smtps://127.0.0.1:PORT"],
  ])(
    "with a certificate that nobody vouches for is refused (%s), unless the URL says so",
    async (tls, url) => {
      await restart({ tls })
      const target = url.replace("PORT", String(server.port))
      expect(await send(target)).toMatchObject({
        _tag: "MailUnavailable",
        next: expect.stringContaining("tls.rejectUnauthorized=false"),
      })
      expect(server.received).toEqual([])
      const accepting = `${target}${target.includes("?") ? "&" : "?"}tls.rejectUnauthorized=false`
      expect(await send(accepting)).toBe(null)
      expect(server.received[0]!.secure).toBe(true)
    },
  )

  it("that is required and not offered: nothing is sent", async () => {
    const error = await send(`${plain()}?requireTLS=true`)
    expect(error).toMatchObject({
      _tag: "MailUnavailable",
      next: expect.stringContaining("requireTLS=false"),
    })
    expect(server.received).toEqual([])
  })
})

describe("sending that is interrupted", () => {
  it("closes the connection", async () => {
    let reached = false
    server.behaviour = {
      onMessage: () => {
        reached = true
        return new Promise(() => undefined)
      },
    }
    const fiber = Effect.runFork(sendEffect(plain()))
    await until("the message to be under way", async () => (reached ? true : null))
    expect(server.clients()).toBe(1)
    await Effect.runPromise(Fiber.interrupt(fiber))
    await until("the connection to be closed", async () => (server.clients() === 0 ? true : null), 5)
  })
})

describe("settings", () => {
  const configured = (settings: Record<string, string>) =>
    Effect.runPromiseExit(Effect.map(Mail, (mail) => mail.configured).pipe(Effect.provide(layer(settings))))

  it("without a server: no e-mail is sent, and it says what to set", async () => {
    expect(await configured({})).toEqual(Exit.succeed(false))
    expect(await send("")).toMatchObject({
      _tag: "MailUnavailable",
      next: expect.stringContaining("SKYPANEL_SMTP_URL"),
    })
  })

  it.each([
    [{ SKYPANEL_SMTP_URL: "http://sky:hunter2@example.com" }, "SKYPANEL_SMTP_URL must begin with smtp://"],
    [{ SKYPANEL_SMTP_URL: "smtp://example.com", SKYPANEL_MAIL_FROM: "" }, "SKYPANEL_MAIL_FROM must be"],
  ])("that cannot be used end the start: %j", async (settings, expected) => {
    const exit = await configured(settings)
    expect(Exit.isFailure(exit)).toBe(true)
    expect(String(exit)).toContain(expected)
    expect(String(exit)).not.toContain("hunter2")
  })
})
