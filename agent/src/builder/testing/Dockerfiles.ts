import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import type { BuildAssignment } from "@skypanel/contract/BuildAssignment"
import { file, offerFolder, pack } from "./Folders.ts"
import { assignment, newBuildId, type Workbench } from "./Workbench.ts"

/* For tests: Dockerfiles that need no base image. Debian's busybox is linked statically. */

const programs = ["/bin/busybox", "/usr/bin/busybox"]
export const busybox = () => {
  const found = programs.find(existsSync)
  if (found === undefined) throw new Error("there is no busybox: install Debian's busybox-static")
  return readFileSync(found)
}

/** Why no image can be built on this machine; null when one can. */
export const noImages = ((): string | null => {
  try {
    execFileSync("unshare", ["--user", "true"], { stdio: "ignore" })
  } catch {
    return "the kernel gives no user namespace"
  }
  try {
    execFileSync("dockerd", ["--version"], { stdio: "ignore" })
  } catch {
    return "there is no Docker Engine (dockerd)"
  }
  return null
})()
if (noImages !== null) console.warn(`Builds of Dockerfiles are not tested: ${noImages}.`)

export const shell = `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
`

/** The source with that Dockerfile; other files sort after it. */
export const dockerfileSource = (
  bench: Workbench,
  dockerfile: string,
  ...more: ReadonlyArray<ReturnType<typeof file>>
) => offerFolder(bench, pack(file("Dockerfile", dockerfile), file("busybox", busybox(), true), ...more))

export const newServiceId = () =>
  newBuildId().replace("bld_", "svc_") as NonNullable<BuildAssignment["serviceId"]>

/** A build of that Dockerfile for a service; what it has built before is taken from there. */
export const imageAssignment = (
  bench: Workbench,
  serviceId: NonNullable<BuildAssignment["serviceId"]>,
  dockerfile: string,
  limits: Partial<BuildAssignment["limits"]> = {},
): BuildAssignment => ({ ...assignment(dockerfileSource(bench, dockerfile), limits), serviceId })

export const buildImageOf = async (...args: Parameters<typeof imageAssignment>) => {
  const build = imageAssignment(...args)
  await args[0].assign(build)
  return args[0].finished(build.id)
}
