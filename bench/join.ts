import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ensureDatabase, startPostgres } from "../dev/postgres.ts"
import { type Lab, type LabWorker, makeLab } from "../test/lab/lab.ts"
import type { TestServer } from "../test/lab/server.ts"
import { type StartedPlatform, startPlatform } from "../test/lab/startPlatform.ts"
import { openScope } from "./fleet/scoped.ts"
import { until } from "./processes.ts"
import { type Row, rowOf } from "./row.ts"
import { seconds } from "./sides.ts"
import { unlessStopped } from "./stopped.ts"

/** A server each: more do not fit into a lab. */
const runsMost = 4

interface Added {
  /** Milliseconds that the pasted line took, and from its end until the worker is given work. */
  readonly scriptMs: number
  readonly readyMs: number
}

const must = async (server: TestServer, line: string, within = 60) => {
  const { code, stdout, stderr } = await server.run(["sh", "-c", line], { within })
  if (code !== 0) throw new Error(`${line}: exit code ${code}\n${stdout}${stderr}`)
  return stdout
}

const addOurs = async (platform: StartedPlatform, server: TestServer, name: string): Promise<Added> => {
  const { status, body } = await platform.api("POST", "/installations", {
    name,
    roles: ["services", "ingress"],
  })
  if (status !== 201) throw new Error(JSON.stringify(body))
  const begun = performance.now()
  await must(server, body.command, 600)
  const ended = performance.now()
  const takesNew = async () => (await platform.api("GET", `/workers/${name}`)).body.takesNew === true
  return {
    scriptMs: ended - begun,
    readyMs: await until(`${name} to take work`, ended, takesNew, { every: 20 }),
  }
}

/** The same machine into a plain Swarm: Docker is there, and what ours did with it is undone first. */
const addUsual = async (manager: LabWorker, server: TestServer): Promise<number> => {
  await must(server, "systemctl stop skypanel-agent && docker swarm leave --force")
  const { JoinTokens } = await manager.docker.swarmInspect()
  const before = (await manager.docker.listNodes()).length
  const begun = performance.now()
  await must(server, `docker swarm join --token ${JoinTokens.Worker} ${manager.address}:2377`)
  const ready = async () => {
    const nodes = await manager.docker.listNodes()
    return nodes.length > before && nodes.every(({ Status }) => Status?.State === "ready")
  }
  const took = await until("the node to be ready", begun, ready, { every: 20 })
  await must(server, "docker swarm leave --force")
  for (const node of await manager.docker.listNodes())
    if (node.Spec?.Role !== "manager") await manager.docker.getNode(node.ID!).remove({ force: true })
  return took
}

const start = async ({ run, onClose }: ReturnType<typeof openScope>) => {
  const folder = mkdtempSync(join(tmpdir(), "skypanel-bench-join-"))
  onClose(() => rmSync(folder, { recursive: true, force: true }))
  const postgres = await run(startPostgres({ directory: join(folder, "postgres"), durable: false }))
  await run(ensureDatabase(postgres, "platform"))
  const lab: Lab = await run(makeLab)
  const [ourManager, usualManager] = [await run(lab.addMachine), await run(lab.addMachine)]
  const { address } = usualManager
  await usualManager.docker.swarmInit({ ListenAddr: `${address}:2377`, AdvertiseAddr: address })
  const more: Record<string, string> = {}
  const platform = await startPlatform({
    ...{ folder, more, databaseUrl: postgres.urlOf("platform"), endpointPort: 80 },
    ...{ hostAddress: lab.address, manager: ourManager },
  })
  onClose(() => platform.program.end("SIGTERM"))
  // Its script has to lead to where servers of a lab reach it.
  more.SKYPANEL_PUBLIC_URL = `http://${lab.address}:${platform.port}`
  await platform.program.end("SIGTERM")
  platform.program.start()
  await platform.isUp()
  return { platform, usualManager, addServer: () => run(lab.addServer) }
}

/** A fresh Debian becomes a worker; the yardstick is `docker swarm join` on the same machine, until its node is ready. */
export const joinBenchmark = async (runs: number): Promise<ReadonlyArray<Row>> => {
  const scope = openScope()
  const measured = async () => {
    const { platform, usualManager, addServer } = await start(scope)
    const all: Array<Added & { readonly usualMs: number }> = []
    for (let at = 0; at < Math.min(runs, runsMost); at++) {
      const server = await addServer()
      const added = await addOurs(platform, server, `added-${at}`)
      all.push({ ...added, usualMs: await addUsual(usualManager, server) })
    }
    return [
      rowOf(
        "end of the pasted line, until the worker takes work (against docker swarm join, until ready)",
        "s",
        all.map(({ readyMs, usualMs }) => ({ ours: seconds(readyMs), theirs: seconds(usualMs) })),
      ),
      rowOf(
        "the pasted line itself on a fresh Debian (installs Docker, HAProxy and the agent)",
        "s",
        all.map(({ scriptMs }) => ({ ours: seconds(scriptMs), theirs: null })),
      ),
    ]
  }
  try {
    return await unlessStopped(measured())
  } finally {
    await scope.close()
  }
}
