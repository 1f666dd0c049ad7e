import { Effect, Exit, Scope } from "effect"
import { instanceSetOf } from "../src/edge/instanceSet.ts"
import { installConfig, prepareFolder, startProxy } from "../src/edge/Proxy.ts"
import { makeProxyMaps } from "../src/edge/ProxyMaps.ts"
import { peerEntries } from "../src/edge/peerEntries.ts"
import { proxyConfig } from "../src/edge/proxyConfig.ts"
import { defaultLimits, type ProxySettings } from "../src/edge/proxySettings.ts"
import type { Routing } from "../src/edge/routing.ts"

/** Ports of this machine, or why a host leads nowhere. */
export type Leads = Readonly<Record<string, number | "waiting">>

export const routingTo = (leads: Leads): Routing => {
  const sets = Object.entries(leads).map(([host, to]) => {
    const set = instanceSetOf(to === "waiting" ? [] : [{ address: "127.0.0.1", port: to }], [])
    return { host, set, name: to === "waiting" ? to : set.name }
  })
  return {
    hosts: new Map(sets.map(({ host, name }) => [host, name])),
    sets: new Map(sets.filter(({ set }) => set.instances.length > 0).map(({ set }) => [set.name, set])),
    refused: [],
  }
}

/** A proxy without an edge that looks after it. */
export const startBareProxy = async (folder: string, settings: Partial<ProxySettings> & { port: number }) => {
  const scope = Effect.runSync(Scope.make())
  const maps = makeProxyMaps(folder)
  const whole = { ...defaultLimits, bind: "127.0.0.1", user: null, ...settings }
  await Effect.runPromise(
    prepareFolder(folder).pipe(
      Effect.andThen(installConfig(folder, proxyConfig(whole))),
      Effect.andThen(startProxy(folder, false)),
      (effect) => Scope.provide(effect, scope),
    ),
  )
  return {
    lead: (leads: Leads) => Effect.runPromise(maps.follow(routingTo(leads))),
    accept: (secret: string) =>
      Effect.runPromise(
        maps.tellPeers(
          peerEntries({ workerId: null, platformIsLost: false, sent: secret, accepted: [secret] }),
        ),
      ),
    stop: () => Effect.runPromise(Scope.close(scope, Exit.void)),
  }
}
