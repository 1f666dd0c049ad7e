import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import type { Deployment } from "@skypanel/contract/Deployment"
import { applicationFiles, markAt, type Place } from "./application.ts"
import type { Development } from "./development.ts"
import { run, until } from "./processes.ts"
import { type Pair, type Row, rowOf } from "./row.ts"
import { freshMark, pairs, says, seconds, usualSees } from "./sides.ts"
import { startUsualWay, type UsualWay } from "./usualWay.ts"

const service = `bench-pushed-${process.pid}`

/** A working copy that is pushed to a service's own remote, and what the API tells of the service. */
const startPushed = async ({ url, token, directory }: Development) => {
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
    write: async (mark: string, dependencies?: string) => {
      for (const [name, text] of Object.entries(applicationFiles(mark, dependencies))) {
        mkdirSync(dirname(join(folder, name)), { recursive: true })
        writeFileSync(join(folder, name), text)
      }
      await git("add", "--all")
      await git("commit", "--quiet", "--message", "Change")
    },
    /** Ends when it is live, as a push does. */
    push: () => git("push", "--quiet", "skypanel", "main"),
    place: async (): Promise<Place> => {
      const found = await api<{ url: string }>("GET", place)
      const { host, port } = new URL(found.url)
      return { address: "127.0.0.1", port: Number(port || 80), host }
    },
    newest: async () => (await api<ReadonlyArray<Deployment>>("GET", `${place}/deployments`))[0]!,
    rollBack: (release: number) => api("POST", `${place}/releases/${release}/rollback`),
    remove: () => api("DELETE", place).catch(() => undefined),
  }
}

type Pushed = Awaited<ReturnType<typeof startPushed>>

/** From `git push`, or `docker build`, to the new answer, and what a worker pulls for it. */
const changes = async (
  pushed: Pushed,
  usual: UsualWay,
  runs: number,
  dependencies: (run: number) => string,
  what: string,
): Promise<ReadonlyArray<Row>> => {
  const bytes: Array<Pair> = []
  const place = await pushed.place()
  const times = await pairs(runs, async (at) => {
    const mark = freshMark()
    await pushed.write(mark, dependencies(at))
    usual.write(mark, dependencies(at))
    const begunOurs = performance.now()
    const pushing = pushed.push()
    const took = await until("the pushed answer", begunOurs, async () => says(mark)(await markAt(place)))
    await pushing
    const { receipt } = await pushed.newest()
    const begun = performance.now()
    await usual.update("--image", await usual.publish())
    const theirs = await usualSees(usual, begun, says(mark))
    bytes.push({ ours: receipt?.newBytes ?? 0, theirs: await usual.newBytes() })
    return { ours: seconds(took), theirs: seconds(theirs) }
  })
  return [
    rowOf(`git push of ${what}, to the new answer (against docker build, push, update)`, "s", times),
    rowOf("bytes that a worker pulls for it", "bytes", bytes),
  ]
}

/** To the release before and back again; the usual way names the image, which its machine has. */
const rollbacks = async (pushed: Pushed, usual: UsualWay, runs: number, images: ReadonlyArray<string>) => {
  const place = await pushed.place()
  const releases = [1, 2]
  const marks = ["first", "second"]
  const times = await pairs(runs, async (at) => {
    const to = at % 2
    const begunOurs = performance.now()
    await pushed.rollBack(releases[to]!)
    const took = await until("the release of before", begunOurs, async () =>
      says(marks[to]!)(await markAt(place)),
    )
    await until("it to be live", performance.now(), async () => (await pushed.newest()).status === "live", {
      every: 20,
    })
    const begun = performance.now()
    await usual.update("--image", images[to]!)
    return { ours: seconds(took), theirs: seconds(await usualSees(usual, begun, says(marks[to]!))) }
  })
  return rowOf("rollback, to the old answer (against service update --image)", "s", times)
}

/** Pushes of one line and of another package.json, and rollbacks, against Docker's own way. */
export const pushBenchmarks = async (
  development: Development,
  runs: number,
  report: (rows: ReadonlyArray<Row>) => void,
): Promise<void> => {
  const directory = join(development.directory, "usual-pushes")
  mkdirSync(directory)
  const usual = await startUsualWay(development.dockerSocket, directory)
  const pushed = await startPushed(development)
  try {
    const images: Array<string> = []
    for (const mark of ["first", "second"]) {
      await pushed.write(mark)
      usual.write(mark)
      await pushed.push()
      images.push(await usual.publish())
    }
    await usual.create(images[1]!)
    await usualSees(usual, performance.now(), says("second"))
    report([await rollbacks(pushed, usual, Math.max(2, runs), images)])
    report(await changes(pushed, usual, runs, () => "1.0.0", "a change of one line"))
    const version = (at: number) => `1.0.${process.pid}${at}`
    report(await changes(pushed, usual, runs, version, "another package.json"))
  } finally {
    await pushed.remove()
    await usual.stop()
  }
}
