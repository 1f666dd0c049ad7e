import { execFileSync } from "node:child_process"
import { createReadStream, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type Docker from "dockerode"
import { BUSYBOX_PROGRAM } from "../lab/images.ts"

/** Nothing listens at its registry, so an engine fails to pull it at once. */
export const probeImage = "127.0.0.1:1/probe:1"

const output = (program: string, ...args: ReadonlyArray<string>) =>
  execFileSync(program, args, { encoding: "utf8" })

/** socat with the libraries that it is linked with. */
const socat = () => {
  const program = output("which", "socat").trim()
  return [program, ...new Set(output("ldd", program).match(/\/\S+/g))]
}

/**
 * An image of what a hostile container would bring along: a shell, every applet of busybox, and socat, which speaks
 * TCP, UDP, IPv6, raw sockets and whole Ethernet frames.
 */
export const makeProbeImage = () => {
  const folder = mkdtempSync(join(tmpdir(), "skypanel-probe-"))
  const archive = join(folder, "image.tar")
  mkdirSync(join(folder, "root/bin"), { recursive: true })
  output(BUSYBOX_PROGRAM, "--install", "-s", join(folder, "root/bin"))
  const files = [BUSYBOX_PROGRAM, ...socat()].map((file) => file.slice(1))
  output("tar", "--create", "--dereference", "--file", archive, "--directory", "/", ...files)
  output("tar", "--append", "--file", archive, "--directory", join(folder, "root"), "bin")
  const importInto = async (docker: Docker) => {
    const [repo, tag] = probeImage.split(/:(?=\d+$)/)
    const stream = await docker.importImage(createReadStream(archive), { repo, tag })
    await new Promise((resolve, reject) => stream.on("end", resolve).on("error", reject).resume())
  }
  return { importInto, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
