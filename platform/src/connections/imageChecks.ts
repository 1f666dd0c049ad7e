import { NotPossibleNow } from "@skypanel/contract/Errors"
import {
  type ChangeImagePolicy,
  type ImageCheck,
  imageMinutes,
  imageWaitMost,
} from "@skypanel/contract/ImageCheck"
import { type ImageReference, parseImageReference } from "@skypanel/contract/image/ImageReference"
import { Effect, Option, Result } from "effect"
import type { Member } from "../auth/Auth.ts"
import { lockUsable, readService } from "../deploy/requests/lockedService.ts"
import { imageCheckOf } from "../domain/imageCheck.ts"
import { Changes } from "../store/Changes.ts"
import {
  canAskRegistries,
  deploymentOf,
  limitOf,
  readKnown,
  servingDigest,
  setImagePolicy,
  wantCheck,
} from "../store/ImageChecks.ts"
import type { ServiceRow } from "../store/rows.ts"
import { asTenant } from "../store/Tenant.ts"

const referenceOf = ({ name, source }: ServiceRow) => {
  const reference =
    source._tag === "image" ? parseImageReference(source.reference, { allowPrivate: true }) : null
  return reference === null || Result.isFailure(reference)
    ? Effect.fail(
        new NotPossibleNow({
          message: `The source of "${name}" is no image.`,
          next: "Deploy it from an image first.",
        }),
      )
    : Effect.succeed(reference.success)
}

/** A digest leads to nothing else tomorrow. */
const refuseFixed = ({ name }: ServiceRow, { digest }: ImageReference) =>
  digest === null
    ? Effect.void
    : new NotPossibleNow({
        message: `"${name}" names its image by a digest: there is nothing to check.`,
        next: "Deploy it from a reference with a tag, such as ghcr.io/owner/app:1.2, which may lead to a newer one.",
      })

const view = (service: ServiceRow, reference: ImageReference, answerable: boolean) =>
  Effect.gen(function* () {
    const known = yield* readKnown(service)
    const { revision } = known
    return imageCheckOf(reference, known, {
      answerable,
      runs: service.wish === "running",
      limitedUntil: yield* limitOf(service.organization_id, reference.registry),
      serves: yield* servingDigest(service),
      deployment: revision === null ? null : yield* deploymentOf(service, revision, false),
    })
  })

const readCheck = (organization: Member, name: string) =>
  Effect.flatMap(canAskRegistries, (answerable) =>
    asTenant(
      organization.id,
      Effect.gen(function* () {
        const service = yield* readService(organization, name)
        return yield* view(service, yield* referenceOf(service), answerable)
      }),
    ),
  )

/** At once, or when no check of it is under way, or as it is after so many seconds. */
export const imageCheckAfter = (organization: Member, name: string, seconds: number) =>
  Effect.gen(function* () {
    const changes = yield* Changes
    const read = readCheck(organization, name)
    const wait = Math.min(Math.max(seconds, 0), imageWaitMost)
    if (wait === 0) return yield* read
    const ended = changes.until(
      Effect.map(read, (check): ImageCheck | null =>
        check.progress === "none" || check.waitsFor !== null ? check : null,
      ),
      ({ table, organization: its }) => table === "poll" && its === organization.id,
    )
    return (
      Option.getOrElse(yield* Effect.timeoutOption(ended, `${wait} seconds`), () => null) ?? (yield* read)
    )
  })

/** One request for a service at a time; answers with what is known then. */
const change = <E, R>(
  organization: Member,
  name: string,
  act: (service: ServiceRow, reference: ImageReference) => Effect.Effect<unknown, E, R>,
) =>
  Effect.flatMap(canAskRegistries, (answerable) =>
    asTenant(
      organization.id,
      Effect.gen(function* () {
        const service = yield* lockUsable(organization, name)
        const reference = yield* referenceOf(service)
        yield* act(service, reference)
        return yield* view(service, reference, answerable)
      }),
    ),
  )

export const checkImage = (organization: Member, name: string) =>
  change(organization, name, (service, reference) =>
    Effect.gen(function* () {
      yield* refuseFixed(service, reference)
      const until = yield* limitOf(service.organization_id, reference.registry)
      if (until !== null)
        return yield* new NotPossibleNow({
          message: `${reference.registry} was asked too often, and is left alone until ${until.toISOString()}.`,
          next: `Check again then; a credential for ${reference.registry} raises its limit, and is tried at once.`,
        })
      yield* wantCheck(service, reference.registry)
    }),
  )

export const changeImagePolicy = (organization: Member, name: string, policy: ChangeImagePolicy) =>
  change(organization, name, (service, reference) =>
    Effect.gen(function* () {
      if (policy.action !== "off") yield* refuseFixed(service, reference)
      yield* setImagePolicy(service, reference.registry, { minutes: imageMinutes.usual, ...policy })
    }),
  )
