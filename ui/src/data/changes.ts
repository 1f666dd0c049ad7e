import { Broadcast } from "./Broadcast.ts"
import { client } from "./client.ts"

/** The changes of one organization at a time. */
export const changes = new Broadcast((organization: string) =>
  client.events.follow({ params: { organization } }),
)

/** The changes of the fleet; only administrators may follow it. */
export const fleetChanges = new Broadcast((_: "fleet") => client.fleet.follow())
