import { Context, type Effect, Schema } from "effect"

/** The token in an upload's address is none that may upload now. */
export class UploadUnauthorized extends Schema.TaggedError<UploadUnauthorized>()("UploadUnauthorized", {
  message: Schema.String,
}) {}

/** Decides who may upload: a builder, while it has the build that the token was made for. */
export class UploadAuthority extends Context.Service<
  UploadAuthority,
  {
    readonly authorize: (token: string) => Effect.Effect<{ readonly workerId: string }, UploadUnauthorized>
  }
>()("platform/artifacts/UploadAuthority") {}
