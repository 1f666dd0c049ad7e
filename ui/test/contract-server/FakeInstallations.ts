import { NameTaken, NotFound, NotPossibleNow } from "@skypanel/contract/Errors"
import {
  type CreatedInstallation,
  type CreateInstallation,
  defaultRoles,
  type Installation,
  installationMinutes,
} from "@skypanel/contract/Installation"
import type { FakeFleet } from "./FakeFleet.ts"
import { fakeId, minutesAgo, now, type Writable } from "./ids.ts"
import { makeWorker } from "./workerScenery.ts"

/** Permissions to add a worker. Left alone, each is fetched and used after a while. */
export class FakeInstallations {
  readonly all: Writable<Installation>[] = []
  /** False: it is fetched and used when somebody says so. */
  byItself = true
  private readonly fleet: FakeFleet

  constructor(fleet: FakeFleet) {
    this.fleet = fleet
  }

  find(id: string): Writable<Installation> {
    const found = this.all.find((one) => one.id === id)
    if (!found) throw new NotFound({ message: "There is no such installation.", next: "Make another." })
    return found
  }

  create(request: CreateInstallation, actor: string): CreatedInstallation {
    if (request.name !== undefined && this.fleet.workers.some(({ name }) => name === request.name))
      throw new NameTaken({ message: `The name "${request.name}" is taken.`, next: "Choose another name." })
    return this.make(request, null, actor)
  }

  replace(worker: string, actor: string): CreatedInstallation {
    const { name, roles, labels, region } = this.fleet.find(worker)
    return this.make({ name, roles, labels, region }, name, actor)
  }

  revoke(id: string): Installation {
    const installation = this.find(id)
    if (installation.state !== "open" && installation.state !== "fetched")
      throw new NotPossibleNow({
        message: "It cannot be used any more.",
        next: "There is nothing to revoke.",
      })
    return this.put(installation, "revoked")
  }

  fetched(id: string): void {
    const installation = this.find(id)
    if (installation.state === "open") this.put(installation, "fetched")
  }

  /** The machine has traded its token; a moment later it takes services. */
  used(id: string): void {
    const installation = this.find(id)
    if (installation.state !== "fetched") return
    const worker = installation.replaces
      ? this.fleet.find(installation.replaces)
      : makeWorker(installation.name ?? `host-${this.fleet.workers.length}`, {
          roles: installation.roles,
          labels: installation.labels,
          region: installation.region,
          takesNew: false,
          instances: 0,
          createdAt: now(),
          reserved: { cpu: 0, memoryBytes: 0 },
        })
    if (!installation.replaces) this.fleet.workers.push(worker)
    installation.worker = worker.name
    this.put(installation, "used")
    this.fleet.write(
      "SkyPanel",
      "worker.registered",
      "It traded its token for an identity.",
      worker.name,
      "good",
    )
    this.fleet.become(worker, "joining", "It waits for its first health report.")
    this.fleet.later(() => {
      worker.takesNew = true
      this.fleet.become(worker, "active")
    }, 3)
  }

  private put(installation: Writable<Installation>, state: Installation["state"]): Installation {
    installation.state = state
    this.fleet.changed("installation")
    return installation
  }

  private make(request: CreateInstallation, replaces: string | null, actor: string): CreatedInstallation {
    const installation: Writable<Installation> = {
      id: fakeId("ins"),
      name: request.name ?? null,
      roles: request.roles ?? defaultRoles,
      labels: request.labels ?? {},
      region: request.region ?? null,
      runtime: request.runtime ?? "deno",
      allowFrom: request.allowFrom ?? null,
      replaces,
      state: "open",
      createdBy: actor,
      createdAt: now(),
      expiresAt: minutesAgo(-installationMinutes),
      worker: null,
    }
    this.all.unshift(installation)
    this.fleet.write(actor, "installation.created", "A command for a new worker was made.", replaces)
    if (this.byItself) {
      this.fleet.later(() => this.fetched(installation.id), 3)
      this.fleet.later(() => this.used(installation.id), 6)
    }
    const token = "k3J9-not_a_token-0aB1cD2eF3gH4iJ5kL6mN7oP8q"
    return {
      installation,
      token,
      command: `curl -fsSL https://panel.example.org/install/${token} | sh`,
      script: script(token),
      nixos: nixos(token),
    }
  }
}

const script = (token: string): string => `#!/bin/sh
# Adds this machine to SkyPanel as a worker. Safe to run twice; undone by "skypanel-agent uninstall".
set -eu
CONTROL_PLANE=https://panel.example.org
TOKEN=${token}

main() {
  case "$(. /etc/os-release && echo "$ID")" in
    nixos) install_nixos ;;
    debian | ubuntu) install_debian ;;
    *) echo "This system is not supported; nothing was changed." >&2; exit 1 ;;
  esac
}
${Array.from({ length: 30 }, (_, at) => `# … line ${at + 20} of the fake's script`).join("\n")}
main "$@"
`

const nixos = (token: string): string => `services.skypanel.worker = {
  enable = true;
  controlPlane = "https://panel.example.org";
  # Holds: ${token}
  tokenFile = "/run/secrets/skypanel-token";
  roles = [ "services" "ingress" ];
};
`
