import type { FakePlatform } from "./FakePlatform.ts"
import { minutesAgo } from "./ids.ts"

/** Some services in different states, and one that keeps printing. */
export const play = (platform: FakePlatform): void => {
  const usual = platform.stepMs
  platform.stepMs = 20
  platform.create("acme", {
    name: "shop",
    source: { _tag: "template", template: "nodejs" },
    environment: { GREETING: "Hello", NODE_ENV: "production" },
    healthPath: "/health",
    replicas: 3,
  })
  platform.create("acme", {
    name: "api",
    source: { _tag: "git", url: "https://git.example.org/acme/api.git", ref: "main" },
    resources: { cpu: 1, memoryBytes: 2 ** 30, storageBytes: 2 ** 28 },
  })
  platform.create("acme", {
    name: "fail-syntax",
    source: { _tag: "expression", expression: "{ pkgs }: pkgs.hello }" },
  })
  platform.create("acme", {
    name: "fail-build",
    source: { _tag: "git", url: "https://git.example.org/acme/my-app", ref: null },
  })
  platform.create("acme", { name: "fail-exit", source: { _tag: "template", template: "python" } })
  platform.create("acme", {
    name: "docs",
    source: { _tag: "template", template: "static" },
    volume: { path: "/data", sizeBytes: 2 ** 32, whenWorkerIsLost: "wait" },
  })
  setTimeout(() => {
    platform.order("shop", "redeploy")
    platform.stop("docs")
    const api = platform.find("api").service
    api.state = "degraded"
    api.instances = api.instances.map((instance) => ({
      ...instance,
      healthy: false,
      probe: "GET /health answered 503 in 12 ms",
    }))
  }, 400)
  setTimeout(() => {
    platform.stepMs = usual
    platform.create("acme", {
      name: "worker",
      source: { _tag: "git", url: "https://git.example.org/acme/worker.git", ref: "v2" },
    })
  }, 900)
  write(platform)
  tell(platform)
  let requests = 0
  setInterval(() => {
    requests += 1
    platform.print("shop", [
      `\u001b[32mGET\u001b[0m /products/${requests % 97} \u001b[2m200\u001b[0m ${(requests * 7) % 40} ms`,
    ])
    if (requests % 7 === 0)
      platform.print("shop", [`\u001b[31mError:\u001b[0m upstream <b>timed out</b>`], "stderr")
  }, 800).unref()
}

/** What was done to the fleet today. */
const write = ({ fleet }: FakePlatform): void => {
  fleet.write("ada@example.org", "installation.created", "A command for a new worker was made.", null)
  fleet.write("nbg1-new", "worker.registered", "It traded its token for an identity.", "nbg1-new", "good")
  fleet.write("SkyPanel", "worker.suspect", "Silent for 6 s; its traffic goes elsewhere.", "fsn1-b", "bad")
  fleet.write(
    "SkyPanel",
    "worker.quarantined",
    "Lost 3 times within 10 min; kept out for 10 min.",
    "hel1-b",
    "warn",
  )
  fleet.write("ada@example.org", "worker.drain", "Its drain was started.", "fsn1-c")
  fleet.write(
    "SkyPanel",
    "installation.refused",
    "A token that was used already was presented from 203.0.113.9.",
    null,
    "bad",
  )
}

/** What the administrators were told in the last hour. */
const tell = ({ inbox }: FakePlatform): void => {
  inbox.tell({
    kind: "worker-added",
    tone: "good",
    title: "hel1-c was added.",
    worker: "hel1-c",
    read: true,
    at: minutesAgo(55),
  })
  inbox.tell({
    kind: "drain",
    tone: "good",
    title: "hel1-a is drained.",
    body: "8 of 8 instances were moved in 3 min.",
    worker: "hel1-a",
    read: true,
    at: minutesAgo(50),
  })
  inbox.tell({
    kind: "alert",
    tone: "warn",
    title: "CPU of fsn1-a is nearly used up.",
    body: "Above 90 % for 5 min. Move services away or add a worker.",
    worker: "fsn1-a",
    at: minutesAgo(22),
  })
  inbox.tell({
    kind: "worker-lost",
    tone: "bad",
    title: "hel1-c is unhealthy.",
    body: "No heartbeat for 2 min. Its services were started on fsn1-a and fsn1-c.",
    worker: "hel1-c",
    at: minutesAgo(12),
  })
}
