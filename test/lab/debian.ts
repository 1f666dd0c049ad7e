import { createHash } from "node:crypto"
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { CannotStart } from "../../dev/CannotStart.ts"
import { run } from "../../dev/program.ts"

/** What a provider's image of Debian 12 has that the bare minimum has not. */
const packages = ["systemd", "systemd-sysv", "dbus", "ca-certificates", "curl", "iproute2", "procps"]

/** To be counted up when anything below is done differently: folders of another one are not taken. */
const recipeEdition = 2

const suite = "bookworm"

/** Where this machine gets Debian's packages from: one URL for the archive, others for updates and security. */
export interface Mirrors {
  readonly archive: string
  readonly security: string
}

/** Those that this machine's own apt has: it has to know that release of Debian itself. */
export const findMirrors = run("apt-get", ["indextargets", "--format", "$(CODENAME) $(REPO_URI)"]).pipe(
  Effect.flatMap((text) => {
    const uriOf = (codename: string) =>
      text
        .split("\n")
        .map((line) => line.split(" "))
        .find(([name]) => name === codename)?.[1]
        ?.replace(/\/$/, "")
    const archive = uriOf(suite)
    if (archive === undefined)
      return Effect.fail(
        new CannotStart({ what: "server", why: `this machine's apt knows no archive of Debian's ${suite}` }),
      )
    const mirrors: Mirrors = { archive, security: uriOf(`${suite}-security`) ?? `${archive}-security` }
    return Effect.succeed(mirrors)
  }),
)

/** A mirror may be a copy of an earlier day, which apt refuses unless this machine's own apt is told not to. */
const aptSettings = run("apt-config", ["dump"]).pipe(
  Effect.map((text) =>
    text
      .split("\n")
      .filter((line) => /^Acquire::Check-(?:Valid-Until|Date) /.test(line))
      .join("\n"),
  ),
  Effect.catch(() => Effect.succeed("")),
)

const write = (root: string, file: string, content: string) => {
  mkdirSync(join(root, file, ".."), { recursive: true })
  writeFileSync(join(root, file), content)
}

/** Without https: the test's own proxy asks the mirror as its URL says. */
const plain = (url: string) => url.replace(/^https:/, "http:")

const settle = (root: string, mirrors: Mirrors, settings: string) => {
  const archive = plain(mirrors.archive)
  write(
    root,
    "etc/apt/sources.list",
    [
      `deb ${archive} ${suite} main`,
      `deb ${archive} ${suite}-updates main`,
      `deb ${plain(mirrors.security)} ${suite}-security main`,
      "",
    ].join("\n"),
  )
  write(root, "etc/apt/apt.conf.d/90mirror", `${settings}\nAcquire::Languages "none";\n`)
  // A test's server need not outlive the power: with a sync for each file, installing takes minutes.
  write(root, "etc/dpkg/dpkg.cfg.d/90unsafe-io", "force-unsafe-io\n")
  write(root, "etc/hosts", "127.0.0.1 localhost\n")
  write(root, "etc/resolv.conf", "")
  // Empty: it gets one when it boots, and that is no first boot, which would ask somebody for a time zone.
  write(root, "etc/machine-id", "")
}

/** In the new system, with this machine's network: it is brought to the newest packages, as a provider's image is. */
const aptGet = (root: string, args: ReadonlyArray<string>) =>
  run(
    "systemd-nspawn",
    [
      ...["--quiet", "--register=no", "--keep-unit", "--resolv-conf=copy-host", "--timezone=off", "--pipe"],
      ...[`--directory=${root}`, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", ...args],
    ],
    { within: 300_000 },
  )

/**
 * A Debian 12 as it is when it comes from a provider, in a folder that must not be changed: copy it. Made once on a
 * machine, which takes a minute, and kept among its temporary files.
 */
export const debian = Effect.gen(function* () {
  const mirrors = yield* findMirrors
  const settings = yield* aptSettings
  const recipe = createHash("sha256")
    .update(JSON.stringify([recipeEdition, packages, mirrors, settings]))
    .digest("hex")
  const folder = join(tmpdir(), `skypanel-debian-12-${recipe.slice(0, 12)}`)
  if (existsSync(folder)) return folder
  const made = `${folder}.${process.pid}`
  yield* Effect.gen(function* () {
    yield* run(
      "debootstrap",
      ["--variant=minbase", `--include=${packages.join(",")}`, suite, made, mirrors.archive],
      { within: 600_000 },
    )
    settle(made, mirrors, settings)
    for (const step of [["update"], ["upgrade", "--yes"], ["clean"]]) yield* aptGet(made, step)
    writeFileSync(join(made, "etc/resolv.conf"), "")
    // Another test may have made it meanwhile.
    if (!existsSync(folder)) renameSync(made, folder)
  }).pipe(Effect.ensuring(Effect.sync(() => rmSync(made, { recursive: true, force: true }))))
  return folder
})
