import { execFileSync } from "node:child_process"
import { chmodSync, copyFileSync, createReadStream, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type Docker from "dockerode"
import { BUSYBOX_PROGRAM } from "../lab/images.ts"

/** Nothing listens at its registry, so an engine fails to pull it at once. */
export const probeImage = "127.0.0.1:1/probe:1"

const output = (program: string, ...args: ReadonlyArray<string>) =>
  execFileSync(program, args, { encoding: "utf8" })

const librariesOf = (program: string) => output("ldd", program).match(/\/\S+/g) ?? []

/** What becomes of who starts it, were it not for `no_new_privs`: root. Busybox gives such rights up by itself. */
export const setuidCat = "/setuid/cat"

/**
 * An image of what a hostile container would bring along: a shell, every applet of busybox, and socat, which speaks
 * TCP, UDP, IPv6, raw sockets and whole Ethernet frames; and a program that is root's, setuid.
 */
export const makeProbeImage = () => {
  const folder = mkdtempSync(join(tmpdir(), "skypanel-probe-"))
  const archive = join(folder, "image.tar")
  mkdirSync(join(folder, "root/bin"), { recursive: true })
  output(BUSYBOX_PROGRAM, "--install", "-s", join(folder, "root/bin"))
  const cat = join(folder, "root", setuidCat)
  mkdirSync(join(cat, ".."))
  copyFileSync("/bin/cat", cat)
  chmodSync(cat, 0o4755)
  const socat = output("which", "socat").trim()
  const linked = [...librariesOf(socat), ...librariesOf("/bin/cat")]
  const files = [...new Set([BUSYBOX_PROGRAM, socat, ...linked])].map((file) => file.slice(1))
  output("tar", "--create", "--dereference", "--file", archive, "--directory", "/", ...files)
  output("tar", "--append", "--file", archive, "--directory", join(folder, "root"), "bin", "setuid")
  const importInto = async (docker: Docker) => {
    const [repo, tag] = probeImage.split(/:(?=\d+$)/)
    const stream = await docker.importImage(createReadStream(archive), { repo, tag })
    await new Promise((resolve, reject) => stream.on("end", resolve).on("error", reject).resume())
  }
  return { importInto, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
