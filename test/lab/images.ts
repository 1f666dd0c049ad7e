import { execFileSync } from "node:child_process"
import { createReadStream, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type Docker from "dockerode"

/** The image that `importBusybox` makes. Nothing listens at its registry, so an engine fails to pull it at once. */
export const BUSYBOX = "127.0.0.1:1/busybox:1"

/** Where its only program is; every applet is an argument of it. */
export const BUSYBOX_PROGRAM = "/usr/bin/busybox"

/** Gives an engine an image made of Debian's static busybox alone, without a registry. */
export const importBusybox = async (docker: Docker): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "skypanel-busybox-"))
  try {
    const archive = join(folder, "busybox.tar")
    execFileSync("tar", ["--create", "--file", archive, "--directory", "/", BUSYBOX_PROGRAM.slice(1)])
    const [repo, tag] = BUSYBOX.split(/:(?=\d+$)/)
    const stream = await docker.importImage(createReadStream(archive), { repo, tag })
    await new Promise((resolve, reject) => stream.on("end", resolve).on("error", reject).resume())
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
