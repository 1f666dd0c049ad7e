// A stand-in for the agent, in a bundle of its own: it registers, says that it is connected, keeps a proxy that outlives
// it, and is upgraded as the real one is. Everything that the installation has to do with is as in the real one.
import { spawn } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { Effect, ManagedRuntime } from "effect"
import { keepBootRules } from "../../agent/src/firewall/bootRules.ts"
import { factsNow } from "../../agent/src/firewall/facts.ts"
import { makeKeeper, matchesOf } from "../../agent/src/firewall/PacketFilter.ts"
import { ruleSets } from "../../agent/src/firewall/rules.ts"
import { upgradeExitCode } from "../../agent/src/launcher/launch.ts"
import { readSystemFile } from "../../agent/src/systemFiles.ts"
import { agentVersion } from "../../agent/src/upgrade/agentVersion.ts"
import { Upgrade } from "../../agent/src/upgrade/Upgrade.ts"
import { probeBuilder } from "./builderProbe.ts"

/** Replaced in the bundle: two that differ in it have different hashes. Parsed, so that no bundler decides by it. */
const edition: string = JSON.parse('"EDITION"')

const {
  SKYPANEL_CONTROL_PLANE = "",
  SKYPANEL_DATA = "",
  SKYPANEL_TOKEN_FILE = "",
  SKYPANEL_WORKER_ROLES = "",
} = process.env
const controlPlane = new URL(SKYPANEL_CONTROL_PLANE)
const identityFile = join(SKYPANEL_DATA, "identity.json")

const put = (file: string, content: object) => {
  writeFileSync(`${file}.new`, `${JSON.stringify(content)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

const status = (of: object) =>
  put(join(SKYPANEL_DATA, "status.json"), {
    ...{ connected: false, reason: "", workerId: null, name: null, ...of },
    ...{ at: new Date().toISOString(), agent: agentVersion(), controlPlane: controlPlane.origin },
  })

const ask = async <A>(path: string, body: object): Promise<A> => {
  const response = await fetch(new URL(path, controlPlane), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(await response.text())
  return (await response.json()) as A
}

const keepProxy = () => {
  const folder = join(SKYPANEL_DATA, "edge")
  const pidFile = join(folder, "pid")
  try {
    if (readSystemFile(`/proc/${readFileSync(pidFile, "utf8")}/comm`) === "haproxy\n") return
  } catch {
    // There is none, or it has ended.
  }
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, "haproxy.cfg"),
    [
      ...["global", "  user haproxy", "  group haproxy", "defaults", "  mode http", "  timeout client 5s"],
      ...[
        "frontend web",
        "  bind *:80",
        "  http-request return status 200 content-type text/plain string proxy",
        "",
      ],
    ].join("\n"),
  )
  const proxy = spawn("haproxy", ["-db", "-f", "haproxy.cfg"], {
    cwd: folder,
    detached: true,
    stdio: "ignore",
  })
  writeFileSync(pidFile, String(proxy.pid))
  proxy.unref()
}

/** The real rules, as the real agent keeps them. */
const keepRules = Effect.gen(function* () {
  const facts = factsNow({
    controlPlane,
    fleetAddresses: [],
    clusterAddresses: [controlPlane.hostname],
    matches: yield* matchesOf("iptables"),
  })
  for (const rules of ruleSets(facts)) {
    yield* makeKeeper(rules.program).putInForce(rules)
    yield* keepBootRules(SKYPANEL_DATA, rules)
  }
})

const register = async () => {
  if (existsSync(identityFile)) return
  const token = readFileSync(SKYPANEL_TOKEN_FILE, "utf8").trim()
  put(identityFile, await ask<object>("/stand-in/register", { token }))
  rmSync(SKYPANEL_TOKEN_FILE, { force: true })
}

const runtime = ManagedRuntime.make(
  Upgrade.layer({ controlPlane, dataFolder: SKYPANEL_DATA, origin: "bundle" }),
)
const withUpgrade = <A>(use: (upgrade: Upgrade["Service"]) => Effect.Effect<A>) =>
  runtime.runPromise(Effect.flatMap(Upgrade, use))

interface Answer {
  readonly name: string
  readonly desired: { readonly version: string; readonly sha256: string } | null
}

const session = async () => {
  await register()
  const identity = JSON.parse(readFileSync(identityFile, "utf8"))
  const { name, desired } = await ask<Answer>("/stand-in/heartbeat", {
    ...identity,
    edition,
    probes,
    version: agentVersion(),
  })
  await withUpgrade((upgrade) => upgrade.confirm)
  await withUpgrade((upgrade) => upgrade.consider(desired))
  status({ connected: true, workerId: identity.workerId, name })
}

process.on("SIGTERM", () => process.exit(0))
if (edition === "ends at once") process.exit(3)
keepProxy()
await Effect.runPromise(keepRules)
void withUpgrade((upgrade) => upgrade.ready).then(() => process.exit(upgradeExitCode))
const probes = SKYPANEL_WORKER_ROLES.includes("builder") ? await probeBuilder(SKYPANEL_DATA) : {}
console.log(`the stand-in agent runs: ${agentVersion()}`)
for (;;) {
  if (edition === "never connects") status({ reason: "it never connects" })
  else await session().catch((error: Error) => status({ reason: error.message }))
  await wait(300)
}
