import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
} from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

/**
 * What a service's container is to the program in it: a read-only root with nothing but the closure's store paths,
 * /proc, /dev/null, the standard streams and an empty /tmp; user 65534, no variables but `PORT` and `environment`.
 */
const enter = `
set -eu
root=$1; program=$2; shift 2
mount -t tmpfs -o mode=755 tmpfs "$root"
mkdir -p "$root/nix/store" "$root/tmp" "$root/proc" "$root/dev"
for path in "$@"; do
  if [ -d "$path" ]; then mkdir "$root$path"; else touch "$root$path"; fi
  mount --bind "$path" "$root$path"
done
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t proc proc "$root/proc"
touch "$root/dev/null"
mount --bind /dev/null "$root/dev/null"
ln -s /proc/self/fd/1 "$root/dev/stdout"
ln -s /proc/self/fd/2 "$root/dev/stderr"
mount -o remount,ro "$root"
exec /usr/bin/env -u PATH /usr/sbin/chroot --userspec=65534:65534 --groups= "$root" "$program"
`

export interface RunningProgram {
  readonly url: string
  /** Everything the program has written so far, both streams. */
  readonly output: () => string
  readonly get: (path: string, headers?: Record<string, string>) => Promise<Response>
  /** Sends SIGTERM to the program and gives its exit code and how long it took, in milliseconds. */
  readonly stop: () => Promise<{ readonly code: number | null; readonly milliseconds: number }>
  /** Ends a program that does not care for SIGTERM: the first process of a container is not ended by it otherwise. */
  readonly kill: () => Promise<void>
}

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer()
    server.once("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() =>
        address && typeof address === "object" ? resolve(address.port) : reject(new Error("no port")),
      )
    })
  })

const childOf = (parent: number) =>
  Number(execFileSync("ps", ["--ppid", String(parent), "-o", "pid="], { encoding: "utf8" }).trim())

const answers = async (url: string, child: ChildProcess, output: () => string) => {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (child.exitCode !== null) throw new Error(`the program ended with ${child.exitCode}:\n${output()}`)
    const answer = await fetch(url).catch(() => undefined)
    if (answer) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`no answer at ${url} within 15 s:\n${output()}`)
}

/** Starts `program` of a store path alone with its closure and waits until it answers at `readyPath`. Needs root. */
export const startInSealedRoot = async (
  program: string,
  closure: ReadonlyArray<string>,
  { readyPath, environment = {} }: { readyPath: string; environment?: Record<string, string> },
): Promise<RunningProgram> => {
  const root = mkdtempSync(join(tmpdir(), "sealed-root-"))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const args = [
    "--mount",
    "--pid",
    "--fork",
    "--kill-child=KILL",
    "/bin/sh",
    "-c",
    enter,
    "enter",
    root,
    program,
  ]
  // A file that the program may open again by /dev/stdout, as a container's streams may be (runc gives them to its user).
  const streams = join(mkdtempSync(join(tmpdir(), "sealed-root-streams-")), "output")
  const stream = openSync(streams, "a", 0o666)
  chownSync(streams, 65534, 65534)
  chmodSync(dirname(streams), 0o755)
  const child = spawn("unshare", [...args, ...closure], {
    env: { PATH: process.env.PATH, PORT: String(port), ...environment },
    stdio: ["ignore", stream, stream],
  })
  closeSync(stream)
  let text = ""
  const output = () => {
    if (existsSync(streams)) text = readFileSync(streams, "utf8")
    return text
  }
  const ended = new Promise<number | null>((resolve) => {
    child.once("exit", (code) => {
      output()
      for (const folder of [root, dirname(streams)]) rmSync(folder, { recursive: true, force: true })
      resolve(code)
    })
  })
  const stop = async () => {
    const from = performance.now()
    const limit = setTimeout(() => child.kill("SIGKILL"), 10_000)
    if (child.exitCode === null && child.pid) process.kill(childOf(child.pid), "SIGTERM")
    const code = await ended
    clearTimeout(limit)
    return { code, milliseconds: performance.now() - from }
  }
  try {
    await answers(`${url}${readyPath}`, child, output)
  } catch (error) {
    child.kill("SIGKILL")
    await ended
    throw error
  }
  const kill = async () => {
    child.kill("SIGKILL")
    await ended
  }
  return {
    url,
    output,
    get: (path, headers) => fetch(`${url}${path}`, { headers: headers ?? {} }),
    stop,
    kill,
  }
}
