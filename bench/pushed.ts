import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import type { Deployment } from "@skypanel/contract/Deployment"
import type { Service } from "@skypanel/contract/Service"
import { applicationFiles, type Changed, type Place } from "./application.ts"
import type { Development } from "./development.ts"
import { run } from "./processes.ts"

const service = `bench-pushed-${process.pid}`

/** A working copy that is pushed to a service's own remote, and what the API tells of the service. */
export const startPushed = async ({ url, token, directory }: Development) => {
  const folder = join(directory, "pushed")
  mkdirSync(folder)
  const api = async <A>(method: string, path: string): Promise<A> => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`)
    return (await response.json()) as A
  }
  const session = await api<{ organizations: ReadonlyArray<{ slug: string }> }>("GET", "/session")
  const organization = session.organizations[0]!.slug
  const place = `/organizations/${organization}/services/${service}`
  const git = (...args: ReadonlyArray<string>) =>
    run("git", ["-C", folder, "-c", "user.name=Bench", "-c", "user.email=bench@example.org", ...args])
  await git("init", "--quiet", "--initial-branch=main")
  const remote = new URL(`/git/${organization}/${service}.git`, url)
  Object.assign(remote, { username: "token", password: token })
  await git("remote", "add", "skypanel", remote.href)
  return {
    /** Commits a change; not a part of what is measured. */
    write: async (mark: string, changed?: Changed) => {
      for (const [name, text] of Object.entries(applicationFiles(mark, changed))) {
        mkdirSync(dirname(join(folder, name)), { recursive: true })
        writeFileSync(join(folder, name), text)
      }
      await git("add", "--all")
      await git("commit", "--quiet", "--message", "Change")
    },
    /** Ends when it is live, as a push does. */
    push: () => git("push", "--quiet", "skypanel", "main"),
    place: async (): Promise<Place> => {
      const found = await api<Service>("GET", place)
      const { host, port } = new URL(found.url!)
      return { address: "127.0.0.1", port: Number(port || 80), host }
    },
    service: () => api<Service>("GET", place),
    newest: async () => (await api<ReadonlyArray<Deployment>>("GET", `${place}/deployments`))[0]!,
    rollBack: (release: number) => api("POST", `${place}/releases/${release}/rollback`),
    remove: () => api("DELETE", place).catch(() => undefined),
  }
}

export type Pushed = Awaited<ReturnType<typeof startPushed>>
