import { type ChildProcess, execFile, spawn } from "node:child_process"
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { Effect } from "effect"
import { afterAll, beforeAll } from "vitest"
import { freePort } from "../../dev/ports.ts"
import { until } from "./until.ts"

/**
 * OpenStack Swift from Debian, which speaks S3: a real server with one disk, a folder. It signs, lists, takes uploads in
 * parts and answers errors by itself.
 */
export interface TestSwift {
  readonly port: number
  /** Of a bucket of that name, as SKYPANEL_BUCKET_URL has it. */
  readonly bucketUrl: (name: string, port?: number) => string
  readonly stop: () => Promise<void>
  readonly start: () => Promise<void>
}

const kinds = ["account", "container", "object"] as const

/** Rings of one device each; by `swift-ring-builder` it takes three processes a ring. */
const makeRings = `
import sys
from swift.common.ring import RingBuilder
for kind, port in zip(("account", "container", "object"), sys.argv[2:]):
    ring = RingBuilder(4, 1, 1)
    ring.add_dev(dict(region=1, zone=1, ip="127.0.0.1", port=int(port), device="disk", weight=1,
                      replication_ip="127.0.0.1", replication_port=int(port), meta=""))
    ring.rebalance()
    ring.get_ring().save(sys.argv[1] + "/" + kind + ".ring.gz")
`

const sharedSettings = (folder: string, port: number) => `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
workers = 0
user = root
swift_dir = ${folder}
devices = ${folder}/devices
mount_check = false
fallocate_reserve = 0
log_address = ${folder}/no-log
`

const serverSettings = (kind: string) => `[pipeline:main]
pipeline = ${kind}-server
[app:${kind}-server]
use = egg:swift#${kind}
`

// Nothing listens where the cache is said to be: it is asked once and then left alone.
const proxySettings = `[pipeline:main]
pipeline = catch_errors cache listing_formats bulk s3api tempauth slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
error_suppression_limit = 1
error_suppression_interval = 86400
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:slo]
use = egg:swift#slo
`

const spawnServer = (folder: string, kind: string): ChildProcess => {
  const log = createWriteStream(join(folder, `${kind}.log`), { flags: "a" })
  const child = spawn(`swift-${kind}-server`, [join(folder, `${kind}.conf`)], {
    stdio: ["ignore", "pipe", "pipe"],
  })
  child.stdout.pipe(log)
  child.stderr.pipe(log)
  return child
}

const ended = (child: ChildProcess) =>
  new Promise<void>((resolve) => {
    child.once("exit", () => resolve())
    child.kill("SIGKILL")
  })

const makeSwift = async (folder: string): Promise<TestSwift> => {
  const ports = await Promise.all([...kinds, "proxy"].map(() => Effect.runPromise(freePort)))
  const port = ports[3]!
  mkdirSync(join(folder, "devices/disk"), { recursive: true })
  writeFileSync(
    join(folder, "swift.conf"),
    "[swift-hash]\nswift_hash_path_suffix = test\n[storage-policy:0]\nname = one\ndefault = yes\n",
  )
  for (const [at, kind] of kinds.entries())
    writeFileSync(join(folder, `${kind}.conf`), sharedSettings(folder, ports[at]!) + serverSettings(kind))
  writeFileSync(join(folder, "proxy.conf"), sharedSettings(folder, port) + proxySettings)
  await promisify(execFile)("/usr/bin/python3", ["-c", makeRings, folder, ...ports.slice(0, 3).map(String)])
  let running: ReadonlyArray<ChildProcess> = []
  const start = async () => {
    running = [...kinds, "proxy"].map((kind) => spawnServer(folder, kind))
    await until("Swift to answer", async () => {
      for (const one of ports) await fetch(`http://127.0.0.1:${one}/`)
      return true
    }).catch((error) => {
      throw new Error(`${error.message}\n${readFileSync(join(folder, "proxy.log"), "utf8")}`)
    })
  }
  await start()
  return {
    port,
    bucketUrl: (name, at = port) => `http://test%3Atester:testing@127.0.0.1:${at}/${name}`,
    stop: async () => {
      await Promise.all(running.map(ended))
      running = []
    },
    start,
  }
}

/** A Swift for the tests of a file: `const swift = useSwift()`, then `swift().bucketUrl("nars")`. */
export const useSwift = () => {
  let folder = ""
  let made: TestSwift | undefined
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "skypanel-swift-"))
    made = await makeSwift(folder)
  })
  afterAll(async () => {
    await made?.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  return () => {
    if (made === undefined) throw new Error("only inside a test or a hook")
    return made
  }
}
