import { writeFileSync } from "node:fs"
import { expect, it } from "vitest"
import { usePlatform } from "./usePlatform.ts"

const { run, runWith, live, file, held, platform } = usePlatform()
const changes = () =>
  platform().state.requests.flatMap((text) =>
    text.startsWith("update ") ? [JSON.parse(text.slice("update ".length))] : [],
  )

it("sets variables in clear and secret, lists them without what is secret, and takes them away", async () => {
  await live()
  await run("env", "set", "hello", "GREETING=Hoi", "A=b=c", "--wait")
  const secret = await runWith(
    "line one\nline two\n",
    "env",
    "set",
    "hello",
    "--secret",
    "GREETING",
    "--wait",
  )
  expect(secret).toMatchObject({ code: 0 })
  expect(changes()).toEqual([
    { environment: expect.objectContaining({ GREETING: "Hoi", A: "b=c" }) },
    { environment: { A: "b=c" }, secrets: { GREETING: "line one\nline two" } },
  ])
  const { out } = await run("env", "list", "hello")
  expect(out).toMatch(/A +b=c\n/)
  expect(out).toMatch(/GREETING +secret, version 1 +.* by somebody@example.com/)
  expect(secret.out + secret.err + out).not.toContain("line one")
  expect((await run("env", "unset", "hello", "NONE")).code).toBe(4)
  await run("env", "unset", "hello", "GREETING", "A")
  expect(changes().at(-1)).toEqual({ environment: {}, secrets: { GREETING: null } })
})

it("imports a .env file: what is named is secret, and what is so already stays so", async () => {
  await live()
  await runWith("x", "env", "set", "hello", "--secret", "KEPT")
  writeFileSync(file("prod.env"), "# ours\nexport PLAIN='a b'\nKEPT=new\nTOKEN=t\n")
  await run("env", "import", "hello", "prod.env", "--secret", "TOKEN")
  expect(changes().at(-1)).toMatchObject({
    environment: { PLAIN: "a b" },
    secrets: { KEPT: "new", TOKEN: "t" },
  })
  await runWith("ALL=1", "env", "import", "hello", "-", "--all-secret")
  expect(changes().at(-1)).toMatchObject({ secrets: { ALL: "1" } })
  expect(
    held("hello")
      .service.secrets.map(({ name }) => name)
      .toSorted(),
  ).toEqual(["ALL", "KEPT", "TOKEN"])
  writeFileSync(file("bad.env"), "A=1\nnonsense\n")
  expect(await run("env", "import", "hello", "bad.env")).toMatchObject({
    code: 2,
    err: expect.stringContaining("line 2: that is no NAME=value"),
  })
})

it("takes no secret from the command line, and forgets earlier values only when that is meant", async () => {
  await live()
  expect((await run("env", "set", "hello")).err).toContain("write NAME=VALUE, or --secret NAME")
  expect((await runWith("x", "env", "set", "hello", "--secret", "A", "--secret", "B")).err).toContain(
    "the value of one secret",
  )
  await runWith("x", "env", "set", "hello", "--secret", "A")
  expect((await run("env", "forget", "hello", "A")).code).toBe(2)
  expect((await run("env", "forget", "hello", "A", "--yes")).code).toBe(0)
  expect(platform().state.requests.at(-1)).toBe("forget A")
})
