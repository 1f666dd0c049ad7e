import Docker from "dockerode"
import { Effect } from "effect"
import { call, type EngineError } from "../engine/call.ts"

/** Whom a file belongs to that containers shall be able to write. */
export interface Owner {
  readonly uid: number
  readonly gid: number
}

/** What all containers run as. */
const nobody = 65_534

/**
 * An engine that maps the users of containers keeps its data in a folder that is named after the first user and group
 * that it maps to, such as `/var/lib/docker/100000.100000`: root in a container is those outside.
 */
export const ownerOf = (dockerRoot: string): Owner => {
  const [, uid = "0", gid = "0"] = /\/(\d+)\.(\d+)\/?$/.exec(dockerRoot) ?? []
  return { uid: Number(uid) + nobody, gid: Number(gid) + nobody }
}

export const containerOwner = (dockerSocket: string): Effect.Effect<Owner, EngineError> => {
  const docker = new Docker({ socketPath: dockerSocket })
  return call("info", async () => (await docker.info()) as { readonly DockerRootDir?: string }).pipe(
    Effect.map(({ DockerRootDir }) => ownerOf(DockerRootDir ?? "")),
  )
}
