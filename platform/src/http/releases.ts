import { Api } from "@skypanel/contract/Api"
import { NotFound, NotPossibleNow } from "@skypanel/contract/Errors"
import type { Release } from "@skypanel/contract/Release"
import type { Service } from "@skypanel/contract/Service"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { closureOf } from "../artifacts/releaseClosure.ts"
import { SigningKeys } from "../artifacts/SigningKeys.ts"
import { PlatformConfig } from "../config.ts"
import { signStatement, statementOf } from "../domain/artifacts/provenance.ts"
import { compareConfiguration } from "../domain/releases/configuration.ts"
import { closureBytes, compareClosures, packagesOf } from "../domain/releases/packages.ts"
import { sbomOf } from "../domain/releases/sbom.ts"
import { orUnavailable } from "../store/Database.ts"
import { findRelease } from "../store/DeploymentViews.ts"
import { buildOfRelease } from "../store/ReleaseBuilds.ts"
import { serviceOf } from "./organization.ts"

const releaseIn = (service: Service, number: number) =>
  Effect.gen(function* () {
    const release = yield* findRelease(service.organizationId, service.id, number)
    if (release === null)
      return yield* new NotFound({
        message: `"${service.name}" has no release ${number}.`,
        next: "The list of releases shows which there are.",
      })
    return release
  })

const serving = (service: Service) =>
  service.release === null
    ? Effect.fail(
        new NotPossibleNow({
          message: `No release of "${service.name}" serves yet.`,
          next: "Name the release to compare with.",
        }),
      )
    : Effect.succeed(service.release)

/** Refused where the closure is gone: an empty list would be read as a release of nothing. */
const knownClosure = (release: Release, service: Service) =>
  Effect.gen(function* () {
    const closure = yield* closureOf(release, service.id)
    if (closure === null)
      return yield* new NotPossibleNow({
        message: `The store no longer has release ${release.number} of "${service.name}".`,
        next: "Look at a newer release.",
      })
    return closure
  })

const compare = (service: Service, from: number, to: number | undefined) =>
  Effect.gen(function* () {
    const before = yield* releaseIn(service, from)
    const after = yield* releaseIn(service, to ?? (yield* serving(service)))
    const [old, now] = [yield* closureOf(before, service.id), yield* closureOf(after, service.id)]
    return {
      before: before.number,
      after: after.number,
      configuration: compareConfiguration(before, after),
      closure: old === null || now === null ? null : compareClosures(old, now),
    }
  })

const sbom = (service: Service, number: number) =>
  Effect.gen(function* () {
    const release = yield* releaseIn(service, number)
    const closure = yield* knownClosure(release, service)
    const { imageDigest, createdAt, storePath } = release
    const top = storePath.replace("/nix/store/", "")
    return sbomOf({ service: service.name, number, imageDigest, top, createdAt }, closure)
  })

const provenance = (service: Service, number: number) =>
  Effect.gen(function* () {
    const { publicUrl } = yield* PlatformConfig
    const release = yield* releaseIn(service, number)
    const build = yield* buildOfRelease(service.organizationId, service.id, release)
    const statement = statementOf(
      {
        ...release,
        repository: `${service.organizationId}/${service.id}`,
        recognisedAs: build?.recognisedAs ?? null,
        learned: build?.learned ?? [],
        build,
      },
      publicUrl,
    )
    const keys = yield* SigningKeys
    return signStatement(statement, keys.live()[0]!)
  })

export const layerReleases = HttpApiBuilder.group(
  Api,
  "releases",
  Effect.fn(function* (handlers) {
    return handlers.handleAll({
      packages: ({ params }) =>
        Effect.gen(function* () {
          const { service } = yield* serviceOf(params.organization, params.service)
          const closure = yield* knownClosure(yield* releaseIn(service, params.number), service)
          return { release: params.number, bytes: closureBytes(closure), packages: packagesOf(closure) }
        }).pipe(orUnavailable),
      compare: ({ params, query }) =>
        Effect.flatMap(serviceOf(params.organization, params.service), ({ service }) =>
          compare(service, params.number, query.with),
        ).pipe(orUnavailable),
      sbom: ({ params }) =>
        Effect.flatMap(serviceOf(params.organization, params.service), ({ service }) =>
          sbom(service, params.number),
        ).pipe(orUnavailable),
      provenance: ({ params }) =>
        Effect.flatMap(serviceOf(params.organization, params.service), ({ service }) =>
          provenance(service, params.number),
        ).pipe(orUnavailable),
    })
  }),
)
