import { Context, Effect, Layer, Redacted, Result } from "effect"
import { createTransport, type NodemailerError } from "nodemailer"
import { PlatformConfig } from "../config.ts"
import { isMailAddress, parseMailbox } from "./address.ts"
import { BadMailSettings, MailDeferred, type MailError, MailRefused, MailUnavailable } from "./errors.ts"
import { parseSmtpUrl, type SmtpServer } from "./smtpUrl.ts"
import { verdictOf } from "./verdict.ts"

export interface MailMessage {
  /** One address. */
  readonly to: string
  /** One line. */
  readonly subject: string
  readonly text: string
  readonly html: string
  /** Without angle brackets; the same for each try, so that a receiver who gets two can tell. */
  readonly messageId: string
}

/** In milliseconds. A server that looks through a message before it answers takes its time: `message` is long. */
export interface MailTimes {
  readonly connect: number
  readonly silence: number
  readonly message: number
}

export const mailTimes: MailTimes = { connect: 10_000, silence: 60_000, message: 120_000 }

const transportFor = (server: SmtpServer, times: MailTimes) =>
  createTransport({
    host: server.host,
    port: server.port,
    secure: server.tls === "always",
    requireTLS: server.tls === "required",
    ignoreTLS: server.tls === "never",
    tls: { rejectUnauthorized: !server.anyCertificate },
    ...(server.login === null ? {} : { auth: { user: server.login.user, pass: server.login.password } }),
    connectionTimeout: times.connect,
    dnsTimeout: times.connect,
    greetingTimeout: times.silence,
    socketTimeout: times.silence,
    maxResponseSize: 65_536,
    // Texts come from workers and customers: none of them may name a file or a URL to send.
    disableFileAccess: true,
    disableUrlAccess: true,
  })

const unconfigured = new MailUnavailable({
  message: "No mail server is set up.",
  next: "Set SKYPANEL_SMTP_URL and SKYPANEL_MAIL_FROM, and start the platform again.",
})

const settings = Effect.gen(function* () {
  const { smtpUrl, mailFrom } = yield* PlatformConfig
  if (Redacted.value(smtpUrl) === "") return null
  const server = parseSmtpUrl(Redacted.value(smtpUrl))
  if (Result.isFailure(server))
    return yield* new BadMailSettings({ setting: "SKYPANEL_SMTP_URL", problem: server.failure })
  const from = parseMailbox(mailFrom)
  if (from === null)
    return yield* new BadMailSettings({
      setting: "SKYPANEL_MAIL_FROM",
      problem: "must be the address that e-mails come from, such as SkyPanel <skypanel@example.com>",
    })
  return { server: server.success, from }
})

/** The way out for e-mail: one message to one address at a time, over SMTP. */
export class Mail extends Context.Service<
  Mail,
  {
    /** False: no mail server is set up, and `send` says what to set. */
    readonly configured: boolean
    /** Succeeds when the server has taken the message. Interrupting closes the connection. */
    readonly send: (message: MailMessage) => Effect.Effect<void, MailError>
  }
>()("platform/mail/Mail") {
  static readonly layerWith = (times: MailTimes) =>
    Layer.effect(
      Mail,
      Effect.gen(function* () {
        const found = yield* settings
        if (found === null) return Mail.of({ configured: false, send: () => Effect.fail(unconfigured) })
        const transport = transportFor(found.server, times)
        const send = Effect.fn("Mail.send")(
          function* (message: MailMessage) {
            if (!isMailAddress(message.to))
              return yield* new MailRefused({ message: "The address is no e-mail address." })
            yield* Effect.tryPromise({
              try: (signal) =>
                transport.sendMail({
                  from: found.from,
                  to: { name: "", address: message.to },
                  envelope: { from: found.from.address, to: [message.to] },
                  subject: message.subject,
                  text: message.text,
                  html: message.html,
                  messageId: `<${message.messageId}>`,
                  // Nobody's automatic reply shall come back.
                  headers: { "Auto-Submitted": "auto-generated" },
                  signal,
                }),
              catch: (error) => verdictOf(error as NodemailerError),
            })
          },
          Effect.timeoutOrElse({
            duration: times.message,
            orElse: () => Effect.fail(new MailDeferred({ message: "The mail server took too long." })),
          }),
        )
        return Mail.of({ configured: true, send })
      }),
    )

  static readonly layer = Mail.layerWith(mailTimes)
}
