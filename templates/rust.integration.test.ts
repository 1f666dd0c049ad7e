import { execFileSync } from "node:child_process"
import { createHash, randomUUID } from "node:crypto"
import { describe, expect, it } from "vitest"
import { failureOf } from "../nixos/embedded/evaluation.ts"
import { bare, build, describeRepository, folderWith, usePreparedSet } from "./building.ts"
import { crateOf, serve, sha256 } from "./registry.ts"
import { startInSealedRoot } from "./sealed-root.ts"

usePreparedSet()

// crates.io cannot be reached where this runs: a server on this machine stands for it.

const answer = async (description: ReturnType<typeof describeRepository>) => {
  const { program, closure } = await build(description)
  const running = await startInSealedRoot(program, closure, { readyPath: "/" })
  try {
    return { text: await (await running.get("/")).text(), closure: bare(closure) }
  } finally {
    await running.kill()
  }
}

/** The derivation of this name that a repository needs, and what its build has printed. */
const builtBy = async (description: ReturnType<typeof describeRepository>, name: string) => {
  const { drvPath } = await description
  const needed = execFileSync("nix-store", ["--query", "--requisites", drvPath], { encoding: "utf8" })
  return needed.split("\n").find((path) => path.includes(`-service-${name}-`)) ?? ""
}
const logOf = (derivation: string) =>
  execFileSync("nix-store", ["--read-log", derivation], { encoding: "utf8" })

const server = (text: string) => `use std::io::{Read, Write};
fn main() {
    let port = std::env::var("PORT").unwrap();
    for stream in std::net::TcpListener::bind(format!("0.0.0.0:{port}")).unwrap().incoming() {
        let mut stream = stream.unwrap();
        let _ = stream.read(&mut [0; 1024]);
        let text = ${text};
        let _ = write!(stream, "HTTP/1.1 200 OK\\r\\nContent-Length: {}\\r\\nConnection: close\\r\\n\\r\\n{text}", text.len());
    }
}
`

/** It has a program of its own that runs when it is built, and a message with its own path, as a failure would. */
const greet = {
  "Cargo.toml": '[package]\nname = "greet"\nversion = "1.0.0"\nedition = "2021"\nbuild = "build.rs"\n',
  "build.rs": 'fn main() { println!("cargo:rustc-env=MADE=made by build.rs"); }\n',
  "src/lib.rs":
    'pub fn words(all: &[&str]) -> String { if all.len() > 9 { panic!("too many") } format!("{}, {}", env!("MADE"), all.join(", ")) }\n',
}
const registry = 'source = "registry+https://github.com/rust-lang/crates.io-index"'
const lockOf = (more: string, checksum: string, name = "greet") =>
  `version = 4\n\n[[package]]\nname = "${name}"\nversion = "1.0.0"\n${registry}\nchecksum = "${checksum}"\n\n${more}`

describe("a Rust repository", () => {
  it("has the crates of its lock file by their checksums, is built with its workspace, and started among its files", async () => {
    const crate = crateOf("greet-1.0.0", greet)
    const files = {
      "skypanel.toml": '[build]\npath = "web"\n',
      "Cargo.toml": '[workspace]\nmembers = ["web", "lib"]\nresolver = "2"\n',
      "Cargo.lock": lockOf(
        '[[package]]\nname = "lib"\nversion = "0.1.0"\n\n[[package]]\nname = "web"\nversion = "0.1.0"\ndependencies = [\n "greet",\n "lib",\n]\n',
        sha256(crate),
      ),
      "lib/Cargo.toml": '[package]\nname = "lib"\nversion = "0.1.0"\nedition = "2021"\n',
      "lib/src/lib.rs": 'pub const FROM: &str = "from a path";\n',
      "web/Cargo.toml":
        '[package]\nname = "web"\nversion = "0.1.0"\nedition = "2021"\nrust-version = "1.70"\ndefault-run = "site"\n[[bin]]\nname = "site"\npath = "src/site.rs"\n[[bin]]\nname = "other"\npath = "src/site.rs"\n[dependencies]\ngreet = "1"\nlib = { path = "../lib" }\n',
      // A log is there of what has been built here, and not of what came from elsewhere: it is another one each time.
      "web/src/site.rs": `// ${randomUUID()}\n${server(
        'greet::words(&[lib::FROM, include_str!("part.txt"), &std::fs::read_to_string("page.txt").unwrap()])',
      )}`,
      "web/src/part.txt": "included",
      "web/page.txt": "read",
    }
    await using crates = await serve({ "/greet/greet-1.0.0.crate": crate })
    const described = (own: Record<string, string>) =>
      describeRepository(folderWith("rust", own), undefined, crates.url)
    const { text, closure } = await answer(described(files))
    expect(text).toBe("made by build.rs, from a path, included, read")
    // A change of the source compiles that alone.
    const changed = await answer(described({ ...files, "web/src/part.txt": "changed" }))
    expect(changed.text).toBe("made by build.rs, from a path, changed, read")
    expect(await builtBy(described(files), "crates-compiled")).toBe(
      await builtBy(described({ ...files, "web/src/part.txt": "changed" }), "crates-compiled"),
    )
    expect(logOf(await builtBy(described(files), "programs"))).not.toContain("Compiling greet")
    // Neither the compiler nor the crates' sources are part of what runs.
    expect(closure).toEqual(["bash", "glibc", "libtinfo6", "service", "service-programs"])
  })

  it("is built from its vendor folder, and started by a Procfile that says where Cargo leaves programs", async () => {
    const checksums = Object.fromEntries(
      Object.entries(greet).map(([path, text]) => [path, createHash("sha256").update(text).digest("hex")]),
    )
    const files = {
      "Cargo.toml":
        '[package]\nname = "shop"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\ngreet = "1"\n',
      "Cargo.lock": lockOf(
        '[[package]]\nname = "shop"\nversion = "0.1.0"\ndependencies = [\n "greet",\n]\n',
        "0".repeat(64),
      ),
      ".cargo/config.toml":
        '[source.crates-io]\nreplace-with = "vendored-sources"\n[source.vendored-sources]\ndirectory = "vendor"\n',
      "vendor/greet/.cargo-checksum.json": JSON.stringify({ files: checksums, package: "0".repeat(64) }),
      ...Object.fromEntries(Object.entries(greet).map(([path, text]) => [`vendor/greet/${path}`, text])),
      "src/main.rs": server("greet::words(&[&std::env::args().last().unwrap()])"),
      Procfile: "web: ./target/release/shop --vendored",
      "embedded/notes.txt": "a folder of the repository, whatever it is called",
    }
    expect((await answer(describeRepository(folderWith("rust", files)))).text).toBe(
      "made by build.rs, --vendored",
    )
  })

  it("is refused with a crate that is another one or leads out of its folder, by a Rust that is too old, and by Rust itself", async () => {
    const link = crateOf("link-1.0.0", { ...greet, "src/link.rs": { to: "../../../other/lib.rs" } })
    const outside = crateOf("outside-1.0.0", { ...greet, "../other-1.0.0/src/lib.rs": "" })
    await using crates = await serve({
      "/link/link-1.0.0.crate": link,
      "/outside/outside-1.0.0.crate": outside,
    })
    const failure = (name: string, checksum: string, more = "") => {
      const own = '[[package]]\nname = "shop"\nversion = "0.1.0"\n'
      const files = {
        "Cargo.toml": `[package]\nname = "shop"\nversion = "0.1.0"\n${more}`,
        "Cargo.lock": lockOf(own, checksum, name),
        "src/main.rs": "fn main() {}\n",
      }
      return failureOf(build(describeRepository(folderWith("rust-bad", files), undefined, crates.url)))
    }
    expect(await failure("link", sha256(link))).toContain("link-1.0.0 has a file in it that is a link")
    expect(await failure("outside", sha256(outside))).toContain(
      "outside-1.0.0 has a file that leads out of it",
    )
    expect(await failure("link", "0".repeat(64))).toContain("hash mismatch")
    const named = {
      "Cargo.toml": '[workspace]\nmembers = ["the web"]\n',
      "Cargo.lock": 'version = 4\n\n[[package]]\nname = "web"\nversion = "0.1.0"\n',
      "the web/Cargo.toml": '[package]\nname = "web"\nversion = "0.1.0"\n',
      "the web/src/main.rs": "fn main() { of_the_web() }\n",
    }
    expect(await failureOf(build(describeRepository(folderWith("rust-named", named))))).toContain(
      "cannot find function `of_the_web`",
    )
    expect(await failure("link", sha256(link), 'rust-version = "1.999"\n')).toMatch(
      /Cargo\.toml, line 4: it asks for Rust 1\.999, and this builder has Rust 1\.\d+/,
    )
  })
})
