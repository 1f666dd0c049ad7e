import { NotificationId } from "@skypanel/contract/Id"
import { notificationKinds } from "@skypanel/contract/Notification"
import { Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { newNotificationId, notificationIdFloor } from "./id.ts"
import { allPreferences, notificationBody, notificationTitle } from "./notifications.ts"

describe("notification ids", () => {
  const now = 1_770_000_000_123_456n

  it("fit the contract and do not repeat", () => {
    const ids = Array.from({ length: 10_000 }, () => newNotificationId(now))
    expect(ids.every(Schema.is(NotificationId))).toBe(true)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it("sort by the microsecond they were made in, and around its floor", () => {
    for (const micros of [now, now + 543n, now + 544n, 1_000n * now]) {
      expect(newNotificationId(micros - 1n) < notificationIdFloor(micros)).toBe(true)
      expect(notificationIdFloor(micros) <= newNotificationId(micros)).toBe(true)
    }
  })
})

describe("preferences", () => {
  it("are on for the page, and by e-mail for what cannot wait, until somebody chooses", () => {
    const all = allPreferences([])
    expect(all.map(({ kind }) => kind)).toEqual(Object.keys(notificationKinds))
    expect(all.every(({ page }) => page)).toBe(true)
    expect(all.filter(({ email }) => email).map(({ kind }) => kind)).toEqual([
      "worker-lost",
      "brake",
      "alert",
      "capacity",
      "upgrade",
      "security",
      "returned",
      "build",
    ])
  })

  it("are what was chosen then", () => {
    const chosen = { kind: "worker-lost", page: false, email: false } as const
    expect(allPreferences([chosen])).toContainEqual(chosen)
    expect(allPreferences([chosen])).toHaveLength(Object.keys(notificationKinds).length)
  })
})

describe("texts", () => {
  it("of a title are one line of at most 200 characters", () => {
    expect(notificationTitle("  Worker a\r\nBcc: b@example.com\0 \u202elost ")).toBe(
      "Worker a Bcc: b@example.com lost",
    )
    expect(Array.from(notificationTitle("ä".repeat(201)))).toHaveLength(200)
    expect(notificationTitle("😀".repeat(300)).endsWith("😀…")).toBe(true)
    expect(notificationTitle("x".repeat(200))).toBe("x".repeat(200))
  })

  it("of a body keep their lines, and are at most 2,000 characters", () => {
    expect(notificationBody("\nOne.\r\n\tTwo.\u001b[31m\n\nThree.  \n")).toBe("One.\n Two. [31m\n\nThree.")
    expect(Array.from(notificationBody("x\n".repeat(2_000)))).toHaveLength(2_000)
  })

  it("never hold what a terminal, a header or a database would choke on", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(notificationTitle(text)).not.toMatch(/[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]/u)
        expect(notificationBody(text).replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cs}\u2028-\u202e]/u)
      }),
    )
  })
})
