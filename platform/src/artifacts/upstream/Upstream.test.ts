import { expect, it } from "vitest"
import { CircuitBreaker } from "../../domain/artifacts/CircuitBreaker.ts"
import { Upstream } from "./Upstream.ts"

it.each(["http://127.0.0.1:1/nar/x.nar", "ftp://127.0.0.1:1/nar/x.nar"])(
  "that answers by https does not have an archive at %s",
  async (url) => {
    const cache = { url: "https://cache.example", publicKeys: [], priority: 50 }
    const upstream = new Upstream(cache, new CircuitBreaker(3, 1000), new Set())
    expect(await upstream.openNar({ info: { url } } as never, AbortSignal.timeout(1000))).toBeNull()
  },
)
