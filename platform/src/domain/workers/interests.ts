import type { ServiceId, WorkerId } from "@skypanel/contract/Id"

/** Of what an agent was told, what decides whether a change concerns it. */
export interface Interest {
  readonly services: ReadonlySet<ServiceId>
  /** It leads requests to the services of the whole fleet. */
  readonly ingress: boolean
  /** It was told of other workers, as peers or by their addresses. */
  readonly others: boolean
  readonly builds: boolean
  readonly logs: boolean
}

/** Of a row: which table, and whose it is. Null for the table: anything may have changed. */
export interface Changed {
  readonly table: string | null
  readonly worker: string | null
  readonly service: string | null
}

const kinds = ["ingress", "others", "builds", "logs"] as const

/**
 * Whom a change concerns, without a look at each agent: in a large fleet changes come by the thousand, and each
 * concerns next to nobody.
 */
export class Interests {
  private readonly of = new Map<WorkerId, Interest>()
  private readonly byService = new Map<ServiceId, Set<WorkerId>>()
  private readonly byKind = { ingress: new Set(), others: new Set(), builds: new Set(), logs: new Set() } as {
    readonly [kind in (typeof kinds)[number]]: Set<WorkerId>
  }

  set(worker: WorkerId, interest: Interest): void {
    this.forget(worker)
    this.of.set(worker, interest)
    for (const service of interest.services) {
      const workers = this.byService.get(service)
      if (workers === undefined) this.byService.set(service, new Set([worker]))
      else workers.add(worker)
    }
    for (const kind of kinds) if (interest[kind]) this.byKind[kind].add(worker)
  }

  forget(worker: WorkerId): void {
    for (const service of this.of.get(worker)?.services ?? []) {
      const workers = this.byService.get(service)
      workers?.delete(worker)
      if (workers?.size === 0) this.byService.delete(service)
    }
    for (const kind of kinds) this.byKind[kind].delete(worker)
    this.of.delete(worker)
  }

  runs(service: ServiceId): ReadonlyArray<WorkerId> {
    return Array.from(this.byService.get(service) ?? [])
  }

  /** Those that lead requests to the service. */
  inService(service: ServiceId): ReadonlyArray<WorkerId> {
    return [...this.byKind.ingress, ...this.runs(service)]
  }

  inLogsOf(services: Iterable<ServiceId>): ReadonlyArray<WorkerId> {
    return [...this.byKind.logs, ...Array.from(services, (service) => this.runs(service)).flat()]
  }

  /** Null: everybody. The worker that the row names is always among them. */
  in({ table, worker, service }: Changed): ReadonlyArray<WorkerId> | null {
    const named = worker === null ? [] : [worker as WorkerId]
    switch (table) {
      case null:
        return null
      case "placement":
      case "instance":
      case "service":
        return [...named, ...this.inService(service as ServiceId)]
      case "worker":
        return [...named, ...this.byKind.ingress, ...this.byKind.others]
      case "build":
      case "poll":
      case "source_check":
      case "prepared_credential":
        return named
      case "deployment":
        return Array.from(this.byKind.builds)
      default:
        return []
    }
  }
}
