import type { QueuedBuild } from "@skypanel/contract/QueuedBuild"
import { call, client } from "./client.ts"

/** Of an organization; null: of all of them. */
export const readBuilds = (
  organization: string | null,
  signal?: AbortSignal,
): Promise<readonly QueuedBuild[]> =>
  organization === null
    ? call(client.builds.listAll(), signal)
    : call(client.builds.list({ params: { organization } }), signal)
