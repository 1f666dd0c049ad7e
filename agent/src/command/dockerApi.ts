import { request } from "node:http"

const answerBytesMost = 16 * 1024 * 1024
const deadlineMs = 60_000

const ask = (socketPath: string, method: string, path: string): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    const asked = request({ socketPath, method, path, timeout: deadlineMs }, (answer) => {
      let text = ""
      answer.setEncoding("utf8")
      answer.on("data", (piece: string) => {
        text += piece
        if (text.length > answerBytesMost) answer.destroy(new Error("the Docker Engine's answer is too long"))
      })
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }))
      answer.on("error", reject)
    })
    asked.on("timeout", () => asked.destroy(new Error("the Docker Engine does not answer")))
    asked.on("error", reject)
    asked.end()
  })

const ok = async (asked: ReturnType<typeof ask>, ...alsoFine: ReadonlyArray<number>): Promise<string> => {
  const { status, text } = await asked
  if (status < 400 || alsoFine.includes(status)) return text
  throw new Error(`the Docker Engine answers ${status}: ${text.trim().slice(0, 300)}`)
}

/** The agent puts this label on everything that it, or the platform, has the engine make. */
const ours = "skypanel.service"
const namePrefix = "skypanel-"

export interface Found {
  readonly containers: ReadonlyArray<string>
  readonly volumes: ReadonlyArray<string>
}

interface NamedVolume {
  readonly Name: string
  readonly Labels: Readonly<Record<string, string>> | null
}

const isOurs = ({ Name, Labels }: NamedVolume) => Name.startsWith(namePrefix) || ours in (Labels ?? {})

/** The few questions that undoing an installation has for the Docker Engine. */
export const dockerApi = (socketPath: string) => ({
  isThere: () =>
    ask(socketPath, "GET", "/_ping").then(
      ({ status }) => status === 200,
      () => false,
    ),
  ours: async (): Promise<Found> => {
    const filter = encodeURIComponent(JSON.stringify({ label: [ours] }))
    const containers = JSON.parse(
      await ok(ask(socketPath, "GET", `/containers/json?all=true&filters=${filter}`)),
    )
    const { Volumes } = JSON.parse(await ok(ask(socketPath, "GET", "/volumes")))
    return {
      containers: containers.map(({ Id }: { Id: string }) => Id),
      volumes: ((Volumes ?? []) as ReadonlyArray<NamedVolume>).filter(isOurs).map(({ Name }) => Name),
    }
  },
  /** 503: it is in none. */
  leaveSwarm: () => ok(ask(socketPath, "POST", "/swarm/leave?force=true"), 406, 503),
  removeContainer: (id: string) =>
    ok(ask(socketPath, "DELETE", `/containers/${encodeURIComponent(id)}?force=true&v=true`), 404, 409),
  removeVolume: (name: string) =>
    ok(ask(socketPath, "DELETE", `/volumes/${encodeURIComponent(name)}?force=true`), 404),
})

export type DockerApi = ReturnType<typeof dockerApi>
