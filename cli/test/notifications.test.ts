import { describe, expect, it } from "vitest"
import { hoursAgo } from "./fakeRows.ts"
import { usePlatform } from "./usePlatform.ts"

const { platform, run, begin } = usePlatform()
const told = () => platform().state.notifications
const followed = () => expect.poll(() => told().followed, { timeout: 15_000 }).toBe(1)

describe("notifications", () => {
  it("are listed, newest first, and marked as read", async () => {
    expect((await run("notifications")).out).toBe("No notifications.\n")
    told().tell("fra1-a is suspect\u001b[2J", { worker: "fra1-a", at: hoursAgo(3) })
    told().tell("fra1-a is back", { kind: "worker-back", worker: "fra1-a", tone: "good", at: hoursAgo(2) })
    told().tell("A drain has ended", { kind: "drain", at: hoursAgo(1) })
    const { out } = await run("notifications")
    expect(out.split("\n").slice(1)).toEqual([
      expect.stringMatching(/new +1 h ago +drain +— +A drain has ended$/),
      expect.stringMatching(/new +2 h ago +worker-back +fra1-a +fra1-a is back$/),
      expect.stringMatching(/new +3 h ago +worker-lost +fra1-a +fra1-a is suspect$/),
      "",
    ])
    expect((await run("notifications", "read", told().all[0]!.id)).out).toBe("2 are unread.\n")
    const unread = JSON.parse((await run("notifications", "--unread", "--json")).out)
    expect(unread).toMatchObject({ unread: 2, notifications: [{ kind: "drain" }, { kind: "worker-back" }] })
    expect((await run("notifications", "read", "--all")).out).toBe("All are read.\n")
    expect((await run("notifications", "--unread")).out).toBe("No notifications.\n")
  })

  it("are followed over a restart of the platform, each once, and none of before", async () => {
    told().tell("before")
    const running = begin("notifications", "follow", "--json")
    await followed()
    told().tell("one")
    await running.says("one")
    await platform().stop()
    told().tell("two")
    await platform().start()
    await running.says("two")
    running.process.kill("SIGINT")
    const { code, out } = await running.ended
    expect(code).toBe(130)
    const lines = out.trimEnd().split("\n")
    expect(lines.map((line) => JSON.parse(line).title)).toEqual(["one", "two"])
  })

  it("are followed from the very first", async () => {
    const running = begin("notifications", "follow")
    await followed()
    told().tell("one")
    await running.says("one")
    told().tell("two", { body: "What is known:\nnothing.\u0007" })
    await running.says("nothing.")
    running.process.kill("SIGINT")
    expect((await running.ended).out).toMatch(/Z one\n.*Z two\n {2}What is known:\n {2}nothing\.\n$/)
  })

  it("are chosen per kind, and may be tried by e-mail", async () => {
    const { code, out } = await run("notifications", "preferences", "worker-lost", "email=on", "page=off")
    expect(code).toBe(0)
    expect(out).toMatch(/worker-lost +off +on +A worker is suspect or unhealthy/)
    expect(out).toMatch(/worker-back +on +off/)
    expect(JSON.parse((await run("notifications", "preferences", "--json")).out)).toContainEqual({
      kind: "worker-lost",
      page: false,
      email: true,
    })
    expect((await run("notifications", "test-email")).out).toBe("Sent to admin@skypanel.localhost.\n")
  })

  it.each([
    [["read"], "Nothing says which was read."],
    [["read", "ntf_1", "--all"], "An id and --all cannot be used together."],
    [["preferences", "worker-gone", "page=on"], "there is no such kind; the kinds are worker-added,"],
    [["preferences", "drain"], "drain: say page=on"],
    [["preferences", "drain", "phone=on"], "phone: write page=on"],
    [["preferences", "drain", "page=maybe"], "page: write page=on"],
    [["preferences", "drain", "page"], 'write NAME=value, not "page"'],
  ])("refuses %j", async (args, says) => {
    const before = told().preferences
    const { code, out, err } = await run("notifications", ...args)
    expect({ code, out }).toEqual({ code: 2, out: "" })
    expect(err).toContain(says)
    expect(told().preferences).toBe(before)
  })

  it("end with 4 when there is no such one", async () => {
    expect(await run("notifications", "read", "ntf_none")).toMatchObject({ code: 4, out: "" })
  })
})
