import type { Notification } from "@skypanel/contract/Notification"
import { describe, expect, it } from "vitest"
import { emptyInbox, freshIn, unreadFirst, withArrived, withList } from "./Inbox.ts"

const notification = (id: number, read = false): Notification => ({
  id: `ntf_${String(id).padStart(24, "0")}` as Notification["id"],
  kind: "worker-lost",
  tone: "bad",
  title: `number ${id}`,
  body: "",
  worker: null,
  path: null,
  at: "2026-01-01T00:00:00.000Z",
  read,
})
const titles = (list: readonly Notification[]): readonly string[] => list.map(({ title }) => title)

describe("an inbox", () => {
  it("takes what a stream repeats only once, and counts what is unread", () => {
    const first = withArrived(emptyInbox, freshIn(emptyInbox, [notification(1), notification(2)]))
    const again = freshIn(first, [notification(2), notification(3), notification(3), notification(4, true)])
    expect(titles(again)).toEqual(["number 3", "number 4"])
    const second = withArrived(first, again)
    expect(titles(second.notifications)).toEqual(["number 4", "number 3", "number 2", "number 1"])
    expect(second.unread).toBe(3)
  })

  it("keeps no more than the platform would give", () => {
    const many = Array.from({ length: 250 }, (_, at) => notification(at))
    expect(withArrived(emptyInbox, many).notifications).toHaveLength(200)
  })

  it("takes a list without losing what came after it was made", () => {
    const streamed = withArrived(emptyInbox, [notification(1), notification(2), notification(3)])
    const merged = withList(streamed, {
      notifications: [notification(2, true), notification(1, true)],
      unread: 0,
    })
    expect(titles(merged.notifications)).toEqual(["number 3", "number 2", "number 1"])
    expect(merged.unread).toBe(1)
  })

  it("shows what is unread first", () => {
    expect(titles(unreadFirst([notification(3, true), notification(2), notification(1, true)]))).toEqual([
      "number 2",
      "number 3",
      "number 1",
    ])
  })

  it("leaves what is read while somebody looks where it was", () => {
    const list = [notification(3, true), notification(2, true)]
    expect(titles(unreadFirst(list, new Set([notification(2).id])))).toEqual(["number 2", "number 3"])
  })
})
