import { Api } from "@skypanel/contract/Api"
import {
  type ArtifactPin,
  type ArtifactPolicy,
  type ArtifactRun,
  type ArtifactStatus,
  defaultArtifactPolicy,
  noProgress,
} from "@skypanel/contract/Artifacts"
import { NotFound } from "@skypanel/contract/Errors"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { FakeFleet } from "../FakeFleet.ts"

const MiB = 1024 ** 2

/** An artifact store that is not there; a run has ended the second time that one looks. */
export const artifactsHandlers = ({ allowed }: FakeFleet) => {
  let policy: ArtifactPolicy = defaultArtifactPolicy
  let pins: ReadonlyArray<ArtifactPin> = []
  let runs: ReadonlyArray<ArtifactRun> = []
  const started = (kind: ArtifactRun["kind"]) =>
    Effect.map(allowed, () => {
      const run: ArtifactRun = {
        id: `run_${runs.length + 1}`,
        kind,
        state: "running",
        startedBy: "you@example.com",
        startedAt: new Date().toISOString(),
        finishedAt: null,
        progress: noProgress,
        message: "",
      }
      runs = [run, ...runs]
      return run
    })
  const status = Effect.map(allowed, (): ArtifactStatus => {
    const seen = runs
    runs = runs.map((run) => ({
      ...run,
      state: "done" as const,
      finishedAt: new Date().toISOString(),
      progress: { ...noProgress, pathsBuried: 3, filesDeleted: 2, bytesDeleted: 5 * MiB },
    }))
    return {
      policy,
      files: 12,
      fileBytes: 300 * MiB,
      paths: 12,
      buriedPaths: 2,
      buriedBytes: 20 * MiB,
      freeBytes: 4096 * MiB,
      organizations: [{ organization: "acme", uniqueBytes: 100 * MiB, sharedBytes: 200 * MiB, images: 4 }],
      growth: [{ at: new Date().toISOString(), fileBytes: 300 * MiB, paths: 12 }],
      traffic: [{ kind: "narinfo", hits: 3, misses: 1 }],
      pins,
      damage: [
        {
          fileHash: "ab".repeat(32),
          kind: "changed",
          seenAt: new Date().toISOString(),
          storePaths: ["00000000000000000000000000000000-shop"],
          releases: [{ organization: "acme", service: "web", number: 3 }],
        },
      ],
      runs: seen,
    }
  })
  return HttpApiBuilder.group(Api, "artifacts", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        get: () => status,
        setPolicy: ({ payload }) =>
          Effect.suspend(() => {
            policy = payload
            return status
          }),
        plan: () =>
          Effect.map(allowed, () => ({
            images: [
              {
                organization: "acme",
                service: "web",
                releases: [1, 2],
                imageDigest: `sha256:${"a".repeat(64)}`,
                reason: "the store is over its budget",
              },
            ],
            largest: [{ storePath: "00000000000000000000000000000000-old", bytes: 7 * MiB }],
            paths: 1,
            bytes: 7 * MiB,
            duePaths: 2,
            dueBytes: 9 * MiB,
            overBytes: 3 * MiB,
          })),
        collect: () => started("collection"),
        verify: () => started("verification"),
        repair: () => Effect.map(status, ({ damage }) => ({ removed: 1, damage })),
        pin: ({ payload: { target, reason } }) =>
          Effect.map(allowed, () => {
            const pin: ArtifactPin = {
              id: `pin_${pins.length + 1}`,
              storePath: "storePath" in target ? target.storePath : null,
              release: "release" in target ? target.release : null,
              reason,
              createdBy: "you@example.com",
              createdAt: new Date().toISOString(),
            }
            pins = [pin, ...pins]
            return pins
          }),
        unpin: ({ params }) =>
          Effect.suspend(() => {
            if (!pins.some(({ id }) => id === params.pin))
              return new NotFound({ message: `There is no pin "${params.pin}".`, next: "" })
            pins = pins.filter(({ id }) => id !== params.pin)
            return Effect.succeed(pins)
          }),
      }),
    ),
  )
}
