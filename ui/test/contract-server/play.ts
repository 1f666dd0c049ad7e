import type { FakePlatform } from "./FakePlatform.ts"

/** Some services in different states, and one that keeps printing. */
export const play = (platform: FakePlatform): void => {
  const usual = platform.stepMs
  platform.stepMs = 20
  platform.create("acme", {
    name: "shop",
    source: { _tag: "template", template: "nodejs" },
    environment: { GREETING: "Hello", NODE_ENV: "production" },
    healthPath: "/health",
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
  platform.create("acme", { name: "docs", source: { _tag: "template", template: "static" } })
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
