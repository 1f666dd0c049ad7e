import type { FolderDigest } from "@skypanel/contract/Folder"
import type { BuildId, OrganizationId } from "@skypanel/contract/Id"
import { Context, type Effect, Schema } from "effect"
import type { SqlError } from "effect/sql"

/** The token in an upload's address is none that may upload now. */
export class UploadUnauthorized extends Schema.TaggedError<UploadUnauthorized>()("UploadUnauthorized", {
  message: Schema.String,
}) {}

/**
 * Decides who may upload, and read a source: a builder, while it has the build that the token was made for. A database
 * that does not answer is no refusal: builders ask again.
 */
export class UploadAuthority extends Context.Service<
  UploadAuthority,
  {
    readonly authorize: (
      token: string,
    ) => Effect.Effect<
      { readonly workerId: string; readonly organizationId: string; readonly buildId: BuildId },
      UploadUnauthorized | SqlError.SqlError
    >
    /** Who may read the binary cache: who may upload, and a builder while it checks a source. */
    readonly reader: (
      token: string,
    ) => Effect.Effect<{ readonly organizationId: string }, UploadUnauthorized | SqlError.SqlError>
    /** The one folder that the build, or the check, is of. */
    readonly folderOf: (
      token: string,
    ) => Effect.Effect<
      { readonly organizationId: OrganizationId; readonly digest: FolderDigest },
      UploadUnauthorized | SqlError.SqlError
    >
  }
>()("platform/artifacts/UploadAuthority") {}
