import { closuresOf, recordedSeries } from "./layering/recorded.ts"
import { type Change, recordedClosures, type Step, seriesOf } from "./layering/series.ts"
import { automatic, type Layer, ledger, oneLayer, popularity, type Strategy } from "./layering/strategies.ts"

const deployments = 120
const seed = 20_261_126
const MB = 1e6

interface Pulled {
  readonly change: Change
  readonly bytes: number
  readonly layers: number
}

const sizeOf = ({ paths }: Layer) => paths.reduce((sum, { bytes }) => sum + bytes, 0)
const sum = (values: ReadonlyArray<number>) => values.reduce((all, value) => all + value, 0)

/** Docker's graph drivers take up an image where it differs from what is there: from the bottom, all above is pulled. */
const prefixClient = (layers: ReadonlyArray<Layer>, before: ReadonlyArray<Layer>) => {
  const same = layers.findIndex(({ digest }, at) => before[at]?.digest !== digest)
  return same < 0 ? [] : layers.slice(same)
}

/** A client that addresses by content (containerd) pulls what it has not. */
const contentClient = (layers: ReadonlyArray<Layer>, before: ReadonlyArray<Layer>) => {
  const there = new Set(before.map(({ digest }) => digest))
  return layers.filter(({ digest }) => !there.has(digest))
}

const clients = { Docker: prefixClient, "by content": contentClient }

/** One image after the other, on a worker that has the one before. */
const pull = (steps: ReadonlyArray<Step>, strategy: Strategy) => {
  let before = strategy(steps[0]!.closure, [])
  const pulled = { Docker: [] as Array<Pulled>, "by content": [] as Array<Pulled> }
  for (const { change, closure } of steps.slice(1)) {
    const layers = strategy(closure, before)
    for (const name of ["Docker", "by content"] as const) {
      const fresh = clients[name](layers, before)
      pulled[name].push({ change, bytes: sum(fresh.map(sizeOf)), layers: fresh.length })
    }
    before = layers
  }
  return { pulled, last: before }
}

/** What is new, in bytes: no client of whole store paths can pull less. */
const floor = (steps: ReadonlyArray<Step>) => {
  const baseOf = ({ name, version }: Step["closure"][number]) => `${version}-${name}`
  const fresh = steps.slice(1).map(({ closure }, at) => {
    const before = new Set(steps[at]!.closure.map(baseOf))
    return sum(closure.filter((path) => !before.has(baseOf(path))).map(({ bytes }) => bytes))
  })
  return sum(fresh) / (steps.length - 1) / MB
}

const mean = (pulled: ReadonlyArray<Pulled>, of: "bytes" | "layers") =>
  pulled.length === 0 ? 0 : sum(pulled.map((each) => each[of])) / pulled.length

const row = (cells: ReadonlyArray<string>) => `| ${cells.join(" | ")} |`

/** What one service deploys one after the other. */
interface Series {
  readonly title: string
  readonly top: string
  readonly steps: ReadonlyArray<Step>
  /** The layers that the platform really made, for each step. */
  readonly deployed: ReadonlyArray<ReadonlyArray<Layer>> | null
}

const recorded = (): ReadonlyArray<Series> =>
  recordedSeries().map((series) => ({
    title: `${series.title}, recorded`,
    top: series.top,
    steps: closuresOf(series).map((closure, at) => ({
      change: series.deployments[at]!.change ?? "base",
      closure,
    })),
    deployed: series.deployments.map(({ layers }) =>
      layers.map(([digest, bytes]) => ({ digest, paths: [{ base: digest, bytes }] })),
    ),
  }))

const supposed = (): ReadonlyArray<Series> =>
  recordedClosures().map((closure) => ({
    title: `${closure.title}, supposed`,
    top: closure.top,
    steps: seriesOf(closure, deployments, seed),
    deployed: null,
  }))

const pullDeployed = ({ steps, deployed }: Series) => {
  const left = [...(deployed ?? [])]
  return pull(steps, () => left.shift() ?? [])
}

/** A table for each series: what a worker pulls for a deployment, on average. */
export const layeringBenchmark = (): ReadonlyArray<string> =>
  [...recorded(), ...supposed()].map((series) => {
    const { steps } = series
    const strategies: Readonly<Record<string, Strategy>> = {
      "**SkyPanel**": ledger(series.top),
      "one layer": oneLayer,
      "popularity contest, 100 layers": popularity(100),
      "popularity contest, 25 layers": popularity(25),
      "automatic, 100 layers": automatic(100),
      "automatic, 25 layers": automatic(25),
    }
    const line = (title: string, { pulled, last }: ReturnType<typeof pull>) => {
      const cells = (["Docker", "by content"] as const).flatMap((client) => {
        const ofApplication = pulled[client].filter(({ change }) => change === "application")
        return [
          (mean(pulled[client], "bytes") / MB).toFixed(2),
          mean(pulled[client], "layers").toFixed(1),
          (mean(ofApplication, "bytes") / MB).toFixed(2),
        ]
      })
      return row([title, ...cells, String(last.length), (sum(last.map(sizeOf)) / MB).toFixed(0)])
    }
    const lines = Object.entries(strategies).map(([title, strategy]) => line(title, pull(steps, strategy)))
    if (series.deployed !== null) lines.unshift(line("**SkyPanel**, as deployed", pullDeployed(series)))
    const counts = Map.groupBy(steps.slice(1), ({ change }) => change)
    const changes = [...counts].map(([change, all]) => `${all.length} ${change}`).join(", ")
    const total = sum(steps[0]!.closure.map(({ bytes }) => bytes)) / MB
    return [
      `${series.title}: ${steps[0]!.closure.length} paths, ${total.toFixed(0)} MB; ${steps.length - 1} deployments: ${changes}. What changed is ${floor(steps).toFixed(2)} MB a deployment.`,
      "",
      row([
        "layers by",
        "Docker: MB",
        "layers",
        "MB, application only",
        "by content: MB",
        "layers",
        "MB, application only",
        "layers at the end",
        "MB at the end",
      ]),
      `|---|${"---:|".repeat(8)}`,
      ...lines,
    ].join("\n")
  })
