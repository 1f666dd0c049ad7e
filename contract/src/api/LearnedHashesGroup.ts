import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { InvalidInput, NotFound, Unavailable } from "../Errors.ts"
import { KnownHash, LockDigest } from "../LearnedHash.ts"
import { Authorization } from "../Session.ts"
import { service } from "./shapes.ts"

const success = Schema.Array(KnownHash)

/** Hashes of a service's dependencies that no lock file has. Both answer with the list, last used first. */
export class LearnedHashesGroup extends HttpApiGroup.make("learnedHashes")
  .add(
    HttpApiEndpoint.get("list", "/", { params: service, success, error: [NotFound, Unavailable] }),
    /** The next build with that lock file takes what comes for right, and is held to it from then on. */
    HttpApiEndpoint.delete("forget", "/:lock", {
      params: { ...service, lock: LockDigest },
      success,
      error: [NotFound, InvalidInput, Unavailable],
    }),
  )
  .prefix("/organizations/:organization/services/:service/learned-hashes")
  .middleware(Authorization) {}
