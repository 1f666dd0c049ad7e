import {
  type Credential,
  type Hook,
  type HookDelivery,
  hookProviders,
  type MadeHook,
  type Poll,
  type Repository,
} from "@skypanel/contract/Repository"
import { fieldLines } from "./fields.ts"
import { table } from "./table.ts"
import { oneLine } from "./text.ts"
import { formatAgo, formatDuration } from "./time.ts"
import type { View } from "./view.ts"

const credentialText = (credential: Credential | null, view: View): string =>
  credential === null
    ? "none: the repository has to be public"
    : `${credential.kind === "token" ? `access token of ${credential.username}` : "deploy key"} for ${
        credential.origin
      }, ${formatAgo(credential.createdAt, view.now)} by ${credential.createdBy}`

const hookText = (hook: Hook | null): string => {
  if (hook === null) return "none: pushes do not deploy by themselves"
  const paths = hook.paths.length === 0 ? "every push" : `pushes that change ${hook.paths.join(" ")}`
  return hook.enabled ? `${hook.url} (${paths})` : `${hook.url} (off)`
}

const pollText = (poll: Poll | null, view: View): string => {
  if (poll === null) return ""
  const every = `every ${formatDuration(poll.minutes * 60_000).replace(/ 0 (?:s|min|h)$/, "")}`
  if (poll.answeredAt === null) return `${every}, not answered yet`
  const what = poll.problem ?? `at ${poll.revision?.slice(0, 12) ?? "nothing"}`
  return `${every}, ${formatAgo(poll.answeredAt, view.now)}: ${what}`
}

export const repositoryDetails = (repository: Repository, view: View): ReadonlyArray<string> => {
  const { credential, hook } = repository
  return fieldLines(
    [
      ["Repository", oneLine(repository.url)],
      ["Branch", oneLine(repository.branch ?? "the default one")],
      ["Credential", oneLine(credentialText(credential, view))],
      ["Deploy key", oneLine(credential?.publicKey ?? "")],
      ...repository.hostKeys.map(
        (key) => ["Host key", oneLine(`${key.type} ${key.fingerprint} of ${key.origin}`)] as const,
      ),
      ["Webhook", oneLine(hookText(hook))],
      ["Polled", oneLine(pollText(repository.poll, view))],
      ["Refused", hook?.refusedAt == null ? "" : `a delivery, ${formatAgo(hook.refusedAt, view.now)}`],
    ],
    view.style,
  )
}

/** The public half is all that has to go anywhere. */
export const deployKeyMade = ({ credential, url }: Repository): ReadonlyArray<string> => [
  oneLine(credential?.publicKey ?? ""),
  "",
  `Add it to ${oneLine(url)} as a deploy key with read access only, then redeploy.`,
]

export const hookMade = ({ repository, secret }: MadeHook): ReadonlyArray<string> => [
  `URL     ${oneLine(repository.hook?.url ?? "")}`,
  `Secret  ${oneLine(secret)}`,
  "",
  "The secret is shown this once. Add both to the repository's webhooks, for push events, as JSON.",
]

export const deliveryList = (deliveries: ReadonlyArray<HookDelivery>, view: View): ReadonlyArray<string> =>
  deliveries.length === 0
    ? ["Nothing was delivered yet."]
    : table<HookDelivery>(
        [
          { title: "WHEN", cell: (delivery) => formatAgo(delivery.at, view.now) },
          { title: "FROM", cell: (delivery) => hookProviders[delivery.provider].title },
          { title: "EVENT", cell: (delivery) => delivery.event },
          { title: "BRANCH", cell: (delivery) => delivery.branch ?? "—" },
          { title: "COMMIT", cell: (delivery) => delivery.revision?.slice(0, 12) ?? "—" },
          { title: "AUTHOR", cell: (delivery) => delivery.author ?? "—" },
          {
            title: "DEPLOYMENT",
            cell: (delivery) => (delivery.deployment === null ? "—" : `#${delivery.deployment}`),
          },
          { title: "WHY", cell: (delivery) => delivery.reason, shrink: true },
        ],
        deliveries,
        { width: view.width, head: view.style.dim },
      )
