import { execFileSync, spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir, userInfo } from "node:os"
import { join } from "node:path"
import { until } from "./until.ts"

/* For tests: OpenSSH's own server, which lets one key in and runs nothing but git, and says where LFS files are. */

const freePort = (host: string) =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, host, () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

const program = [
  "/usr/sbin/sshd",
  ...(process.env.PATH ?? "").split(":").map((folder) => join(folder, "sshd")),
]

export const openSshServer = async (host = "127.0.0.1") => {
  const folder = await mkdtemp(join(tmpdir(), "skypanel-ssh-"))
  const sshd = program.find(existsSync)
  if (sshd === undefined) throw new Error("there is no sshd; npm test installs it")
  // Where it puts the part of itself that has no rights.
  await mkdir("/run/sshd", { recursive: true, mode: 0o755 })
  const port = await freePort(host)
  const file = (name: string) => join(folder, name)
  const makeHostKey = async () => {
    await rm(file("host"), { force: true })
    await rm(file("host.pub"), { force: true })
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file("host")])
  }
  await makeHostKey()
  await writeFile(file("allowed"), "", { mode: 0o600 })
  await writeFile(
    file("config"),
    [
      `ListenAddress ${host}:${port}`,
      `HostKey ${file("host")}`,
      `AuthorizedKeysFile ${file("allowed")}`,
      `PidFile ${file("pid")}`,
      "StrictModes no",
      "UsePAM no",
      "PermitRootLogin forced-commands-only",
      "PasswordAuthentication no",
      "KbdInteractiveAuthentication no",
      "",
    ].join("\n"),
  )
  let running: ReturnType<typeof spawn> | null = null
  const start = async () => {
    running = spawn(sshd, ["-D", "-e", "-f", file("config")], { stdio: "ignore" })
    await until("the ssh server to listen", async () => (existsSync(file("pid")) ? true : null))
  }
  const stop = async () => {
    if (running === null) return
    const ended = new Promise((resolve) => running!.once("exit", resolve))
    running.kill()
    await ended
    await rm(file("pid"), { force: true })
  }
  await start()
  return {
    /** The URL of a repository in a folder of this machine. */
    urlOf: (path: string) => `ssh://${userInfo().username}@${host}:${port}${path}`,
    /** Lets this public key in, and no other; `lfs` is what it says of where LFS files are. */
    allow: async (publicKey: string, lfs: object = {}) => {
      await writeFile(file("lfs"), JSON.stringify(lfs))
      const shell = [
        "#!/bin/sh",
        `case "$SSH_ORIGINAL_COMMAND" in git-lfs-authenticate*) exec cat ${file("lfs")} ;; esac`,
        'exec git-shell -c "$SSH_ORIGINAL_COMMAND"',
        "",
      ]
      await writeFile(file("shell"), shell.join("\n"), { mode: 0o755 })
      await writeFile(file("allowed"), `restrict,command="${file("shell")}" ${publicKey}\n`, { mode: 0o600 })
    },
    /** From now on it shows another host key. */
    changeHostKey: async () => {
      await stop()
      await makeHostKey()
      await start()
    },
    close: async () => {
      await stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
export type SshServer = Awaited<ReturnType<typeof openSshServer>>
