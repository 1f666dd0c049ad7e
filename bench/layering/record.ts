import { writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Deployment } from "@skypanel/contract/Deployment"
import type { Sbom } from "@skypanel/contract/Sbom"
import type { Service } from "@skypanel/contract/Service"
import { type AddedPackage, addedPackages } from "../addedPackages.ts"
import type { Development } from "../development.ts"
import { startOurs } from "../ours.ts"
import { repositoryOf } from "../pulledBytes.ts"
import {
  type RecordedChange,
  type RecordedDeployment,
  type RecordedSeries,
  recordedFile,
} from "./recorded.ts"
import { randomOf } from "./series.ts"

const redeployments = 100

/** Of a hundred redeployments so many are of each kind. */
const kinds: ReadonlyArray<RecordedChange> = [
  ...Array<RecordedChange>(76).fill("application"),
  ...Array<RecordedChange>(12).fill("configuration"),
  ...Array<RecordedChange>(12).fill("dependency"),
]

/** Puts what was deployed into a series: its closure, from the release's bill of materials, and its image's layers. */
const makeRecorder = () => {
  const positions = new Map<string, number>()
  const paths: Array<RecordedSeries["paths"][number]> = []
  const deployments: Array<RecordedDeployment> = []
  let top = ""
  const add = ({ components, dependencies }: Sbom) => {
    const sizes = new Map(
      components.map((one) => [
        one["bom-ref"],
        Number(one.properties.find(({ name }) => name === "nix:nar_size")?.value),
      ]),
    )
    for (const base of sizes.keys()) if (!positions.has(base)) positions.set(base, positions.size)
    for (const { ref, dependsOn } of dependencies) {
      const at = positions.get(ref)
      if (at !== undefined)
        paths[at] ??= [ref, sizes.get(ref)!, dependsOn.map((each) => positions.get(each)!)]
    }
    return components.map((one) => positions.get(one["bom-ref"])!)
  }
  return {
    put: (
      change: RecordedChange | null,
      sbom: Sbom,
      layers: ReadonlyArray<{ readonly digest: string; readonly size: number }>,
    ) => {
      const [path] = sbom.metadata.component.properties
      top = path!.value.slice("/nix/store/".length + 33)
      deployments.push({
        change,
        closure: add(sbom),
        layers: layers.map(({ digest, size }) => [digest.slice("sha256:".length, 19), size]),
      })
    },
    series: (title: string): RecordedSeries => ({ title, top, paths, deployments }),
  }
}

type Ours = Awaited<ReturnType<typeof startOurs>>

/** The kinds of service that are recorded. */
interface Subject {
  readonly title: string
  readonly begin: (ours: Ours) => Promise<Deployment>
  readonly change: (ours: Ours, change: RecordedChange, at: number) => Promise<Deployment>
}

const someOf = <A>(all: ReadonlyArray<A>, random: () => number) => all.filter(() => random() < 0.5)

const node = (): Subject => {
  const random = randomOf(1)
  let added: ReadonlyArray<AddedPackage> = []
  return {
    title: "Node.js service from its lock file",
    begin: async (ours) => {
      await ours.write("0")
      return ours.create()
    },
    change: async (ours, change, at) => {
      if (change === "configuration") return ours.setEnvironment({ GREETING: String(at) })
      if (change === "dependency") added = someOf(addedPackages, random)
      await ours.write(String(at), { added })
      return ours.redeploy()
    },
  }
}

const pythonPackages = [
  "flask",
  "requests",
  "jinja2",
  "sqlalchemy",
  "psycopg2",
  "redis",
  "httpx",
  "pyyaml",
  "pillow",
]

const python = (): Subject => {
  const random = randomOf(2)
  let packages: ReadonlyArray<string> = ["flask", "requests"]
  const files = (mark: string) => ({
    "default.nix": `{ pkgs, ... }:
pkgs.writeShellScriptBin "service" ''
  exec \${pkgs.python3.withPackages (p: [ ${packages.map((name) => `p.${name}`).join(" ")} ])}/bin/python3 \${./main.py}
''
`,
    "main.py": `import os
from http.server import BaseHTTPRequestHandler, HTTPServer
class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"${mark}")
HTTPServer(("", int(os.environ["PORT"])), Answer).serve_forever()
`,
  })
  return {
    title: "Python service from its own expression",
    begin: async (ours) => {
      await ours.commit(files("0"))
      return ours.create()
    },
    change: async (ours, change, at) => {
      if (change === "configuration") return ours.setEnvironment({ GREETING: String(at) })
      if (change === "dependency") packages = ["flask", ...someOf(pythonPackages, random)]
      await ours.commit(files(String(at)))
      return ours.redeploy()
    },
  }
}

const record = async (development: Development, subject: Subject): Promise<RecordedSeries> => {
  const name = `bench-recorded-${process.pid}`
  const ours = await startOurs(development, name)
  const random = randomOf(20_261_127)
  const recorder = makeRecorder()
  const read = async <A>(path: string): Promise<A> => {
    const headers = { authorization: `Bearer ${development.token}` }
    const answer = await fetch(`${development.url}/api/v1/organizations/acme/services/${name}${path}`, {
      headers,
    })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as A
  }
  try {
    const put = async (change: RecordedChange | null, started: Deployment) => {
      const { release } = await ours.live(started)
      const repository = await repositoryOf(development, await read<Service>(""))
      recorder.put(change, await read<Sbom>(`/releases/${release}/sbom`), (await repository.newest()).layers)
    }
    await put(null, await subject.begin(ours))
    for (let at = 1; at <= redeployments; at++) {
      const change = kinds[Math.floor(random() * kinds.length)]!
      await put(change, await subject.change(ours, change, at))
      if (at % 10 === 0) process.stderr.write(`${subject.title}: ${at} of ${redeployments}\n`)
    }
    return recorder.series(subject.title)
  } finally {
    await ours.remove()
    await ours.close()
  }
}

/** Deploys each service a hundred times and once, with real builds, and writes down what each deployment was made of. */
export const recordLayering = async (development: Development): Promise<void> => {
  const series = [await record(development, node()), await record(development, python())]
  const lines = series.map(
    ({ paths, deployments, ...rest }) =>
      `${JSON.stringify(rest).slice(0, -1)}, "paths": [\n${paths.map((one) => JSON.stringify(one)).join(",\n")}\n], "deployments": [\n${deployments.map((one) => JSON.stringify(one)).join(",\n")}\n]}`,
  )
  writeFileSync(join(import.meta.dirname, recordedFile), `[${lines.join(",\n")}]\n`)
}
