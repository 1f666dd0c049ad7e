import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { runConfined } from "./ConfinedProcess.ts"
import { confine } from "./Confinement.ts"
import { openControlGroup, sweepControlGroups } from "./ControlGroup.ts"
import { findHost } from "./HostFolders.ts"
import { failureOf } from "./testing/Failures.ts"
import { nonce, until } from "./testing/Processes.ts"
import { openWorkbench, type Workbench } from "./testing/Workbench.ts"

const MiB = 1024 ** 2
let bench: Workbench
beforeAll(async () => {
  bench = await openWorkbench({ diskBytes: 200 * MiB, diskFiles: 20_000 })
}, 180_000)
afterAll(() => bench?.close())

const script = (text: string, name = "probe") =>
  `{ pkgs, ... }: pkgs.runCommand "${name}" { nonce = "${nonce()}"; } ''\n${text}\n''`
const build = (text: string, limits = {}) => bench.build({ _tag: "expression", expression: text }, limits)
const failure = (text: string, limits = {}) =>
  failureOf(bench, { _tag: "expression", expression: text }, limits)
const words = (lines: ReadonlyArray<{ readonly text: string }>) => lines.map(({ text }) => text)
const start = "mkdir -p $out/bin; echo > $out/bin/x; chmod 755 $out/bin/x"

describe("what a build leaves", { timeout: 60_000 }, () => {
  test("is neither setuid nor a device", async () => {
    const { lines, observed } = await build(
      script(`${start}
        chmod 4755 $out/bin/x || echo no setuid
        chmod 2755 $out/bin/x || echo no setgid
        mknod $out/character c 1 3 || echo no character device
        mknod $out/block b 7 0 || echo no block device
        ls /dev | tr '\\n' ' '`),
    )
    expect(observed.failure).toBeNull()
    expect(words(lines)).toEqual(
      expect.arrayContaining(["no setuid", "no setgid", "no character device", "no block device"]),
    )
    const devices = words(lines).find((text) => text.startsWith("fd ")) ?? ""
    expect(devices.trim()).toBe("fd full null ptmx pts random shm stderr stdin stdout tty urandom zero")
  })
  test.each([
    ["a pipe", "mkfifo $out/pipe"],
    ["a pipe as a whole", "rm -rf $out; mkfifo $out"],
  ])("is no %s", async (_, text) => {
    expect((await failure(script(`${start}\n${text}`))).code).toBe("build-failed")
  })
  test("is found by its own name only: no command has characters that move a terminal", async () => {
    const named = script(`mkdir -p $out/bin; for name in $'a\\nb' $'c\\e[31m' ' d'; do
      echo > "$out/bin/$name"; chmod 755 "$out/bin/$name"; done`)
    expect(await failure(named)).toMatchObject({ code: "no-command" })
  })
  test("may have the longest names and such as are no text", async () => {
    const { observed } = await build(
      script(`${start}; touch $out/$(printf 'x%.0s' $(seq 255)) $out/$'\\xff\\xfe' $out/$'n\\n' $out/{a,A}
        folder=$out; for n in $(seq 40); do folder=$folder/d; done; mkdir -p $folder`),
    )
    expect(observed.failure).toBeNull()
  })
})

describe("the disk", { timeout: 60_000 }, () => {
  const left = async (name: string) =>
    (await readdir("/nix/store")).filter((path) => path.includes(name) && path.endsWith(".chroot"))

  test("takes so many bytes of a build, and has them back when it is stopped", async () => {
    const name = `bytes${nonce()}`
    const text = script(
      "mkdir $out; n=0; while :; do head -c 20M /dev/zero >$out/$n; n=$((n + 1)); done",
      name,
    )
    expect(await failure(text)).toMatchObject({
      code: "build-limit",
      title: "The build wrote more than a build may.",
    })
    expect(await left(name)).toEqual([])
  })
  test("takes so many files of a build, and has them back", async () => {
    const name = `files${nonce()}`
    const text = script(
      "mkdir $out; n=0; while :; do mkdir $out/$n; (cd $out/$n; touch $(seq 5000)); n=$((n + 1)); done",
      name,
    )
    expect(await failure(text)).toMatchObject({ code: "build-limit" })
    expect(await left(name)).toEqual([])
  })
})

describe("the disk of evaluations", { timeout: 60_000 }, () => {
  test("takes so many bytes of one, and has them back when it is stopped", async () => {
    const text = `{ pkgs, ... }: let
      double = n: text: if n == 0 then text else double (n - 1) (text + text);
      large = double 21 "0123456789abcdef";
      files = builtins.genList (n: builtins.toFile "large" "\${toString n}${nonce()}\${large}") 300;
    in builtins.deepSeq files pkgs.hello`
    expect(await failure(text)).toMatchObject({
      code: "evaluation-limit",
      title: "The expression wrote more than an evaluation may.",
    })
    const folder = join(bench.config.dataFolder, "evaluation", "org_000000000000000000000000")
    await until("the store is gone", async () => (await readdir(folder)).length === 0)
    expect((await build(script(start))).observed.failure).toBeNull()
  })
})

describe("the log", { timeout: 60_000 }, () => {
  test("of 100 MB/s ends at its limit, in lines of a bounded length, and the builder goes on meanwhile", async () => {
    let late = 0
    let last = performance.now()
    const clock = setInterval(() => {
      late = Math.max(late, performance.now() - last)
      last = performance.now()
    }, 10)
    const logBytes = MiB
    for (const flood of ["yes $(printf 'x%.0s' $(seq 1000))", "tr '\\\\0' x </dev/zero"]) {
      const { observed, lines } = await build(script(flood), { logBytes })
      expect(observed.failure?.code).toBe("build-limit")
      expect(words(lines).reduce((sum, text) => sum + Buffer.byteLength(text), 0)).toBeLessThan(
        logBytes * 1.1,
      )
      expect(Math.max(...words(lines).map((text) => Buffer.byteLength(text)))).toBeLessThan(20_000)
    }
    clearInterval(clock)
    expect(late).toBeLessThan(1000)
  })
  test("moves no terminal, and a builder cannot speak as Nix", async () => {
    const { lines, observed } = await build(
      script(`printf 'a\\033]0;title\\007b\\033[2Jc\\033[31md\\r\\n'
        printf '@nix {"action":"result","id":1,"type":101,"fields":["forged"]}\\n'
        exit 1`),
    )
    expect(words(lines)).toContain("abc\u001b[31md")
    expect(words(lines)).not.toContain("forged")
    expect(observed.failure?.code).toBe("build-failed")
  })
})

describe("a build", { timeout: 60_000 }, () => {
  test("has no virtual machines of this one", async () => {
    const found = await failure(
      `{ pkgs, ... }: derivation { name = "kvm"; system = pkgs.system; builder = "/bin/sh"; requiredSystemFeatures = [ "kvm" ]; }`,
    )
    expect(JSON.stringify(found)).toContain("kvm")
    const { lines } = await build(script("test -e /dev/kvm && echo THERE || echo gone; exit 1"))
    expect(words(lines)).toContain("gone")
  })
  test("reads nothing from who started it", async () => {
    const { lines } = await build(script(`read -r line && echo "READ $line" || echo nothing; exit 1`))
    expect(words(lines)).toContain("nothing")
  })
  test("has no more of the processor than its control group", async () => {
    const host = await Effect.runPromise(findHost(bench.config.dataFolder))
    const parent = `skypanel-test-${nonce()}`
    const stat = () =>
      Promise.any(
        ["cpu", ""].map((kind) => readFile(join("/sys/fs/cgroup", kind, parent, "busy", "cpu.stat"), "utf8")),
      )
    const confinement = {
      as: "fetcher" as const,
      network: null,
      writable: [],
      readable: [],
      scratchBytes: MiB,
      fileBytes: MiB,
      addressBytes: null,
      environment: {},
    }
    const throttled = (told: string) => Number(/^nr_throttled (\d+)$/m.exec(told)?.[1])
    let isOver = false
    /** On a busy machine it takes a while until it has had its share. */
    const untilThrottled = async () => {
      while (!isOver && !(throttled(await stat()) > 2))
        await new Promise((resolve) => setTimeout(resolve, 20))
    }
    const busy = Effect.gen(function* () {
      const group = yield* openControlGroup(parent, "busy", {
        memoryBytes: 64 * MiB,
        processes: 16,
        cores: 0.1,
      })
      yield* runConfined(confine(host, confinement, ["sh", "-c", "while :; do :; done"]), {
        group,
        seconds: 10,
        outputBytes: MiB,
        onLine: () => undefined,
        until: untilThrottled(),
      })
      isOver = true
      return yield* Effect.promise(stat)
    })
    const told = await Effect.runPromise(Effect.scoped(busy))
    await Effect.runPromise(sweepControlGroups(parent))
    expect(throttled(told)).toBeGreaterThan(2)
  })
  test.each([
    ["a pattern that never ends", `builtins.match "(x*)*y" "${"x".repeat(40)}"`],
    ["a list of 2^30", "builtins.length (builtins.genList (n: n) 1073741824)"],
    [
      "a string that doubles",
      'builtins.stringLength (builtins.foldl\' (s: _: s + s) "xxxxxxxx" (builtins.genList (n: n) 40))',
    ],
    [
      "a text in a million brackets",
      'builtins.fromJSON (builtins.concatStringsSep "" (builtins.genList (n: "[") 1000000))',
    ],
  ])("is ended while it evaluates %s", async (_, text) => {
    const found = await failure(`{ pkgs, ... }: throw (toString (${text}))`, {
      evaluationSeconds: 2,
      memoryBytes: 512 * MiB,
    })
    expect(["evaluation-limit", "evaluation-failed"]).toContain(found.code)
  })
})
