import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from "smtp-server"

export interface Received {
  readonly from: string
  readonly to: ReadonlyArray<string>
  /** As the receiver gets it: headers, an empty line, the body. */
  readonly raw: string
  readonly secure: boolean
  readonly user: string | null
}

/** `answer` is a code with its words, such as `451 later`; null takes it. It may take its time. */
type Answer = string | null
export interface MailServerBehaviour {
  readonly onReceiver?: (address: string) => Answer | Promise<Answer>
  readonly onSender?: (address: string) => Answer | Promise<Answer>
  /** Asked with the whole message, before it is taken. */
  readonly onMessage?: (raw: string) => Answer | Promise<Answer>
  /** Wanted before anything is taken. */
  readonly login?: { readonly user: string; readonly password: string }
  /** With the certificate that smtp-server brings, which nobody vouches for. Left out: none. */
  readonly tls?: "always" | "offered"
}

export interface MailServer {
  readonly port: number
  /** In the order of their arrival. */
  readonly received: Array<Received>
  behaviour: MailServerBehaviour
  /** How many clients are connected now. */
  readonly clients: () => number
  readonly stop: () => Promise<void>
  /** Again, on the same port, after `stop`. */
  readonly start: () => Promise<void>
}

const errorOf = (answer: string): Error =>
  Object.assign(new Error(answer.slice(4)), { responseCode: Number(answer.slice(0, 3)) })

/** Carries an answer, which may come later, to smtp-server's callback. */
const reply = (answer: Answer | Promise<Answer> | undefined, callback: (error?: Error | null) => void) =>
  void Promise.resolve(answer ?? null).then((given) => callback(given === null ? null : errorOf(given)))

const optionsFor = (server: MailServer): SMTPServerOptions => {
  const { login, tls } = server.behaviour
  return {
    secure: tls === "always",
    disabledCommands: [...(tls === undefined ? ["STARTTLS"] : []), ...(login === undefined ? ["AUTH"] : [])],
    authOptional: login === undefined,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    closeTimeout: 100,
    logger: false,
    onAuth: (auth, _, callback) =>
      auth.username === login?.user && auth.password === login?.password
        ? callback(null, { user: auth.username })
        : callback(null, { responseCode: 535, message: "wrong user or password" }),
    onMailFrom: ({ address }, _, callback) => reply(server.behaviour.onSender?.(address), callback),
    onRcptTo: ({ address }, _, callback) => reply(server.behaviour.onReceiver?.(address), callback),
    onData: (stream, session, callback) => {
      void text(stream).then((raw) =>
        reply(server.behaviour.onMessage?.(raw), (error) => {
          if (!error) server.received.push(receivedOf(session, raw))
          callback(error)
        }),
      )
    },
  }
}

const receivedOf = (session: SMTPServerSession, raw: string): Received => ({
  from: session.envelope.mailFrom ? session.envelope.mailFrom.address : "",
  to: session.envelope.rcptTo.map(({ address }) => address),
  raw,
  secure: session.secure,
  user: session.user ?? null,
})

/** A real SMTP server on a free port of the loopback address, for tests. */
export const startMailServer = async (behaviour: MailServerBehaviour = {}): Promise<MailServer> => {
  let port = 0
  let running: SMTPServer | null = null
  const server: MailServer = {
    get port() {
      return port
    },
    received: [],
    behaviour,
    clients: () => running?.connections.size ?? 0,
    start: async () => {
      const smtp = new SMTPServer(optionsFor(server))
      // A client that leaves in the middle is no error of the server.
      smtp.on("error", () => undefined)
      const listening = smtp.listen(port, "127.0.0.1")
      await once(listening, "listening")
      port = (listening.address() as AddressInfo).port
      running = smtp
    },
    stop: () =>
      new Promise((resolve) => {
        if (running === null) return resolve()
        running.close(() => resolve())
        running = null
      }),
  }
  await server.start()
  return server
}

/** The value of a header, unfolded; null when there is none. */
export const headerOf = (raw: string, name: string): string | null => {
  const headers = raw.slice(0, raw.indexOf("\r\n\r\n")).replace(/\r\n[ \t]+/g, " ")
  return new RegExp(`^${name}: (.*)$`, "im").exec(headers)?.[1]?.trim() ?? null
}
