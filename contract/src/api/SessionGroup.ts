import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { Unavailable } from "../Errors.ts"
import { Authorization, Session } from "../Session.ts"

export class SessionGroup extends HttpApiGroup.make("session")
  .add(HttpApiEndpoint.get("get", "/session", { success: Session, error: Unavailable }))
  .middleware(Authorization) {}
