import { describe, expect, test } from "vitest"
import { failure, recognised, start } from "./testing/trees.ts"

const hex = "0".repeat(64)
const digest = `sha256-${"A".repeat(43)}=`
/** As Bundler 2.6 writes it. */
const lock = `GEM
  remote: https://rubygems.org/
  specs:
    minitest (5.25.4)
    nio4r (2.7.4)
    nokogiri (1.18.0-aarch64-linux-gnu)
      racc (~> 1.4)
    nokogiri (1.18.0-x86_64-linux-gnu)
      racc (~> 1.4)
    nokogiri (1.18.0-x86_64-linux-musl)
      racc (~> 1.4)
    puma (6.5.0)
      nio4r (~> 2.0)
    racc (1.8.1)
    rack (3.1.8)

PLATFORMS
  aarch64-linux-gnu
  x86_64-linux-gnu

DEPENDENCIES
  minitest
  nokogiri
  puma (>= 6)
  rack!

CHECKSUMS
  minitest (5.25.4) sha256=${hex}
  nio4r (2.7.4) sha256=${hex}
  nokogiri (1.18.0-aarch64-linux-gnu) sha256=${hex}
  nokogiri (1.18.0-x86_64-linux-gnu) sha256=${hex}
  puma (6.5.0) sha256=${hex}
  racc (1.8.1) sha256=${hex}
  rack (3.1.8) sha256=${hex}

BUNDLED WITH
   2.6.2
`
const gemfile = `source "https://rubygems.org"
gem "rack"
gem "puma", ">= 6"
gem "nokogiri"
group :development, :test do
  gem "minitest"
end
`
const files = { Gemfile: gemfile, "Gemfile.lock": lock, "config.ru": "" }
const gemsIn = (own: Record<string, string>, ...others: ReadonlyArray<string>) =>
  recognised(own, ...others).settings.gems as ReadonlyArray<Record<string, string>>

describe("a Ruby project", () => {
  test("has the gems that run in production on this system, by their checksums", () => {
    expect(gemsIn(files).map(({ file }) => file)).toEqual([
      "nio4r-2.7.4.gem",
      "nokogiri-1.18.0-x86_64-linux-gnu.gem",
      "puma-6.5.0.gem",
      "racc-1.8.1.gem",
      "rack-3.1.8.gem",
    ])
    expect(gemsIn(files)[0]).toEqual({
      name: "nio4r",
      version: "2.7.4",
      file: "nio4r-2.7.4.gem",
      url: "https://rubygems.org/gems/nio4r-2.7.4.gem",
      hash: digest,
    })
    expect(recognised(files).reasoning[0]).toBe("Gemfile.lock → Ruby, 5 gems")
  })
  test.each([
    ["a group of its own", 'gem "minitest", group: :test\n'],
    ["several groups", 'gem("minitest", groups: [:development, :test])\n'],
  ])("leaves out what is in %s", (_, line) => {
    const own = { ...files, Gemfile: `gem "rack"\ngem "puma"\ngem "nokogiri"\n${line}` }
    expect(gemsIn(own).map(({ name }) => name)).not.toContain("minitest")
  })
  test("keeps what a group for development shares with production", () => {
    const own = { ...files, Gemfile: `${gemfile}gem "minitest"\n` }
    expect(gemsIn(own).map(({ name }) => name)).toContain("minitest")
  })
  test.each<readonly [string, Record<string, string>, string]>([
    ["config.ru by puma", {}, "bundle exec puma -b tcp://0.0.0.0:$PORT"],
    ["config.ru by puma as it is configured", { "config/puma.rb": "" }, "bundle exec puma -C config/puma.rb"],
    [
      "config.ru by rackup without puma",
      { "Gemfile.lock": lock.replaceAll("puma", "other") },
      "bundle exec rackup -o 0.0.0.0 -p $PORT",
    ],
    ["its Procfile", { Procfile: "web: bundle exec falcon serve" }, "bundle exec falcon serve"],
  ])("starts %s", (_, more, command) =>
    expect(recognised({ ...files, ...more }).settings.start).toBe(command),
  )
  test("starts an app.rb", () => {
    const { "config.ru": _, ...own } = files
    expect(recognised({ ...own, "app.rb": "" }).settings.start).toBe("bundle exec ruby app.rb")
    expect(failure(own).code).toBe("no-command")
  })
  test("has gems without checksums from its vendor folder alone", () => {
    const own = { ...files, "Gemfile.lock": lock.replace(/CHECKSUMS[\s\S]*?\n\n/, "") }
    expect(gemsIn(own, "vendor/").map(({ hash }) => hash)).toEqual([null, null, null, null, null])
    const found = failure(own)
    expect(found.title).toMatch(/Gemfile\.lock, line \d+: \w+ \S+ has no checksum/)
    expect(found.next).toContain("bundle lock --add-checksums")
  })
  test.each([
    ["GIT\n  remote: https://example.org/x\n", "gems come from Git", 1],
    ["PATH\n  remote: engine\n", "gems come from a folder", 1],
    ["DEPENDENCIES\n  sinatra\n", "sinatra is asked for, which is not in it", 1],
    ["GEM\n  specs:\n    a (1-java)\nDEPENDENCIES\n  a\n", "a is not for this system", 3],
  ])("with a lock file of %j says what is wrong", (text, title, line) => {
    const found = failure({ ...files, "Gemfile.lock": text })
    expect(found.title).toContain(title)
    expect(found.location).toMatchObject({ file: "Gemfile.lock", line })
  })
  test.each([
    ["nodejs", { "package.json": start, "package-lock.json": '{"lockfileVersion":3,"packages":{}}' }],
    ["static", { "index.html": "" }],
    ["ruby", { "index.html": "", Procfile: "web: bundle exec jekyll serve" }],
  ])("is %s when its Gemfile is for tools, or is what starts", (kind, more) => {
    expect(recognised({ Gemfile: gemfile, "Gemfile.lock": lock, ...more }).kind).toBe(kind)
  })
  test("without a lock file says how to make one", () =>
    expect(failure({ Gemfile: gemfile, "config.ru": "" }).next).toContain("bundle lock"))
})
