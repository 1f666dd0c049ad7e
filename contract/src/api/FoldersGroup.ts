import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { NotFound, Unavailable } from "../Errors.ts"
import { Folder, FolderDigest } from "../Folder.ts"
import { Authorization } from "../Session.ts"
import { organization } from "./shapes.ts"

/**
 * Folders are uploaded by `PUT` to the same address, as a tar compressed with gzip: a stream, which is read by Koa
 * (`platform/src/http/folderUpload.ts`). It answers with the `Folder`, or with the errors of here and `InvalidInput`.
 */
export class FoldersGroup extends HttpApiGroup.make("folders")
  .add(
    /** Whether the platform has it: then it needs no upload, and is kept for a day from now on. */
    HttpApiEndpoint.get("get", "/:digest", {
      params: { ...organization, digest: FolderDigest },
      success: Folder,
      error: [NotFound, Unavailable],
    }),
  )
  .prefix("/organizations/:organization/folders")
  .middleware(Authorization) {}
