import { randomBytes } from "node:crypto"
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { Schema } from "effect"

/** What `.env` says. Empty texts mean "find it out" or "make it". */
export interface Settings {
  readonly databaseUrl: string
  readonly port: number
  readonly endpointPort: number
  /** Absolute. */
  readonly data: string
  readonly nixpkgs: string
  /** A unix socket's path; empty: whichever engine answers, else a private one. */
  readonly dockerSocket: string
  readonly secret: string
  readonly adminEmail: string
  readonly adminPassword: string
  readonly allowPrivateGit: boolean
  readonly workerName: string
  /** Empty: NARs lie in the data folder. What it may be is the platform's to check. */
  readonly bucketUrl: string
  /** Empty: no e-mail is sent. Its options are the platform's to check. */
  readonly smtpUrl: string
  readonly mailFrom: string
}

/** `.env` cannot be used; `problems` name file and line each. */
export class BadSettings extends Schema.TaggedError<BadSettings>()("BadSettings", {
  problems: Schema.Array(Schema.String),
}) {
  override get message(): string {
    return this.problems.join("\n")
  }
}

/** Says what is wrong with a value, or nothing. */
type Check = (value: string) => string | undefined

const port: Check = (value) =>
  /^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65535
    ? undefined
    : `must be a port, 1 to 65535, not "${value}"`
const matches =
  (pattern: RegExp, expected: string): Check =>
  (value) =>
    pattern.test(value) ? undefined : `must be ${expected}, not "${value}"`
const secret =
  (length: number): Check =>
  (value) =>
    value === "" || value.length >= length ? undefined : `must have at least ${length} characters`

interface Key {
  readonly default: string
  readonly check: Check
}

const KEYS = {
  DATABASE_URL: {
    default: "",
    check: matches(/^(postgres(ql)?:\/\/\S+)?$/, "empty or postgres://user:password@host:port/database"),
  },
  SKYPANEL_PORT: { default: "8080", check: port },
  SKYPANEL_ENDPOINT_PORT: { default: "8000", check: port },
  SKYPANEL_DATA: { default: ".skypanel", check: matches(/\S/, "a folder") },
  SKYPANEL_NIXPKGS: {
    default: "auto",
    check: matches(/^[^\s-]\S*$/, "auto, embedded or a flake reference"),
  },
  SKYPANEL_DOCKER_SOCKET: { default: "", check: matches(/^(\/\S+)?$/, "empty or a socket's absolute path") },
  DOCKER_HOST: { default: "", check: matches(/^(unix:\/\/\/\S+)?$/, "empty or unix:///path") },
  SKYPANEL_SECRET: { default: "", check: secret(32) },
  SKYPANEL_ADMIN_EMAIL: { default: "admin@localhost.test", check: matches(/^\S+@\S+$/, "an e-mail address") },
  SKYPANEL_ADMIN_PASSWORD: { default: "", check: secret(8) },
  SKYPANEL_ALLOW_PRIVATE_GIT: { default: "true", check: matches(/^(true|false)$/, "true or false") },
  SKYPANEL_WORKER_NAME: {
    default: "development",
    check: matches(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "lower-case letters, digits and hyphens"),
  },
  // Holds a secret key: what is said of it must not name it.
  SKYPANEL_BUCKET_URL: {
    default: "",
    check: (value) =>
      /^(https?:\/\/\S+)?$/.test(value) ? undefined : "must be empty or https://access:secret@host/bucket",
  },
  // Holds a password: what is said of it must not name it.
  SKYPANEL_SMTP_URL: {
    default: "",
    check: (value) =>
      /^(smtps?:\/\/\S+)?$/.test(value)
        ? undefined
        : "must be empty, smtp://user:password@host:port or smtps://…",
  },
  SKYPANEL_MAIL_FROM: {
    default: "",
    check: matches(/^(.*\S+@\S+)?$/, "empty or an address such as SkyPanel <skypanel@example.com>"),
  },
} satisfies Record<string, Key>

type KeyName = keyof typeof KEYS
const isKey = (name: string): name is KeyName => Object.hasOwn(KEYS, name)

/** A `NAME=value` line. Quotes around the value are taken off; `#` starts a comment only at a line's start. */
const ASSIGNMENT = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$/

const unquoted = (value: string): string => /^(["'])(.*)\1$/.exec(value)?.[2] ?? value

/**
 * Reads the text of a `.env`.
 * @throws BadSettings with every problem in it, not only the first.
 */
export const parseSettings = (
  text: string,
  file: string,
): { readonly settings: Settings; readonly warnings: ReadonlyArray<string> } => {
  const values = new Map<KeyName, string>()
  const problems: Array<string> = []
  const warnings: Array<string> = []
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const at = `${file} line ${index + 1}`
    if (/^\s*(#|$)/.test(line)) continue
    const [, name, raw] = ASSIGNMENT.exec(line.trim()) ?? []
    if (name === undefined || raw === undefined) problems.push(`${at}: is not NAME=value`)
    else if (!isKey(name)) warnings.push(`${at}: nothing is called ${name}; it has no effect`)
    else {
      const value = unquoted(raw)
      const problem = KEYS[name].check(value)
      if (problem) problems.push(`${at}: ${name} ${problem}`)
      if (values.has(name)) problems.push(`${at}: ${name} is set a second time`)
      values.set(name, value)
    }
  }
  const of = (name: KeyName): string => values.get(name) ?? KEYS[name].default
  if (of("SKYPANEL_PORT") === of("SKYPANEL_ENDPOINT_PORT"))
    problems.push(`${file}: SKYPANEL_PORT and SKYPANEL_ENDPOINT_PORT are the same`)
  if (of("SKYPANEL_SMTP_URL") !== "" && of("SKYPANEL_MAIL_FROM") === "")
    problems.push(`${file}: SKYPANEL_SMTP_URL needs SKYPANEL_MAIL_FROM as well, whom e-mails come from`)
  if (problems.length > 0) throw new BadSettings({ problems })
  return { settings: settingsOf(of, file), warnings }
}

const settingsOf = (of: (name: KeyName) => string, file: string): Settings => ({
  databaseUrl: of("DATABASE_URL"),
  port: Number(of("SKYPANEL_PORT")),
  endpointPort: Number(of("SKYPANEL_ENDPOINT_PORT")),
  data: resolve(dirname(file), of("SKYPANEL_DATA")),
  nixpkgs: of("SKYPANEL_NIXPKGS"),
  dockerSocket: of("SKYPANEL_DOCKER_SOCKET") || of("DOCKER_HOST").slice("unix://".length),
  secret: of("SKYPANEL_SECRET"),
  adminEmail: of("SKYPANEL_ADMIN_EMAIL"),
  adminPassword: of("SKYPANEL_ADMIN_PASSWORD"),
  allowPrivateGit: of("SKYPANEL_ALLOW_PRIVATE_GIT") === "true",
  workerName: of("SKYPANEL_WORKER_NAME"),
  bucketUrl: of("SKYPANEL_BUCKET_URL"),
  smtpUrl: of("SKYPANEL_SMTP_URL"),
  mailFrom: of("SKYPANEL_MAIL_FROM"),
})

const SECRETS = { SKYPANEL_SECRET: 48, SKYPANEL_ADMIN_PASSWORD: 15 }

/** Puts fresh secrets where `.env` leaves them empty or does not name them. */
export const fillSecrets = (text: string): string =>
  Object.entries(SECRETS).reduce((filled, [name, bytes]) => {
    const line = `${name}=${randomBytes(bytes).toString("base64url")}`
    const empty = new RegExp(`^${name}=[ \\t]*$`, "m")
    if (empty.test(filled)) return filled.replace(empty, line)
    return new RegExp(`^\\s*(export\\s+)?${name}\\s*=`, "m").test(filled)
      ? filled
      : `${filled.trimEnd()}\n${line}\n`
  }, text)

/** Reads `.env`, made from `example` (mode 0600) when there is none; empty secrets are filled in, once. */
export const readSettings = (file: string, example: string) => {
  const before = readFileSync(existsSync(file) ? file : example, "utf8")
  const text = fillSecrets(before)
  const parsed = parseSettings(text, file)
  if (text !== before || !existsSync(file)) {
    writeFileSync(file, text, { mode: 0o600 })
    chmodSync(file, 0o600) // it may have been there without secrets, open to others
  }
  return parsed
}
