import { type ImageReference, parseImageReference } from "@skypanel/contract/image/ImageReference"
import { Effect, Result } from "effect"
import { trustedAuthorities } from "../Authorities.ts"
import { type BuildFailed, buildFailed } from "../BuildFailed.ts"
import type { BuildSpace } from "../BuildSpace.ts"
import { explainImage } from "./explainImage.ts"
import { Registry } from "./Registry.ts"

export interface Opened {
  readonly reference: ImageReference
  readonly registry: Registry
}

/** The source's registry, with what was given for it and for nobody else. */
export const openRegistry = (space: BuildSpace): Effect.Effect<Opened, BuildFailed> => {
  const { source, access } = space.assignment
  const allowPrivate = space.config.allowPrivateGit
  const reference = source._tag === "image" ? parseImageReference(source.reference, { allowPrivate }) : null
  if (reference === null || Result.isFailure(reference))
    return Effect.fail(
      buildFailed(
        "source-refused",
        `The image cannot be used: ${reference?.failure.reason ?? "the source is none"}.`,
        "Name an image of a public registry, such as ghcr.io/owner/app:1.2.",
      ),
    )
  const login = access?._tag === "token" ? { username: access.username, password: access.token } : null
  const { registry } = reference.success
  // As Docker does: this machine's own needs no TLS.
  const plain = allowPrivate && /^(?:localhost|127\.[\d.]+|\[::1\])(?::|$)/.test(registry)
  return Effect.map(
    Effect.promise(() => trustedAuthorities(space.host)),
    (authorities) => {
      const way = { connect: space.egress.connect, authorities }
      return { reference: reference.success, registry: new Registry(way, reference.success, login, plain) }
    },
  )
}

/** What goes wrong is told as the reason that a build ends with. */
export const attempt = <A>(
  { reference }: Opened,
  run: (signal: AbortSignal) => Promise<A>,
): Effect.Effect<A, BuildFailed> =>
  Effect.tryPromise({ try: run, catch: (cause) => cause }).pipe(
    Effect.catch((cause) => Effect.flatMap(explainImage(reference, cause), Effect.fail)),
  )
