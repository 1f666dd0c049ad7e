import Docker from "dockerode"
import { Effect } from "effect"
import { call, type EngineError } from "../engine/call.ts"

/** Whom a file belongs to that containers shall be able to write. */
export interface Owner {
  readonly uid: number
  readonly gid: number
}

/** What containers run as that do not say otherwise. */
export const nobody: Owner = { uid: 65_534, gid: 65_534 }

/**
 * Who a container's user is outside. An engine that maps the users of containers keeps its data in a folder that is named
 * after the first user and group that it maps to, such as `/var/lib/docker/100000.100000`: root in a container is those.
 */
export const outsideOf = (dockerRoot: string, inside: Owner): Owner => {
  const [, uid = "0", gid = "0"] = /\/(\d+)\.(\d+)\/?$/.exec(dockerRoot) ?? []
  return { uid: Number(uid) + inside.uid, gid: Number(gid) + inside.gid }
}

export const containerOwner = (dockerSocket: string, inside: Owner): Effect.Effect<Owner, EngineError> => {
  const docker = new Docker({ socketPath: dockerSocket })
  return call("info", async () => (await docker.info()) as { readonly DockerRootDir?: string }).pipe(
    Effect.map(({ DockerRootDir }) => outsideOf(DockerRootDir ?? "", inside)),
  )
}
