import type { ImageCheck } from "@skypanel/contract/ImageCheck"
import { describe, expect, it } from "vitest"
import { imageDetails } from "./imageCheck.ts"
import { plainStyle } from "./style.ts"

const now = Date.parse("2026-12-01T12:00:00Z")
const ago = (minutes: number) => new Date(now - minutes * 60_000).toISOString()
const digest = (digit: number) => `sha256:${String(digit).repeat(64)}`
const lines = (more: Partial<ImageCheck>) =>
  imageDetails(
    {
      reference: "ghcr.io/acme/app:1",
      action: "off",
      minutes: null,
      state: "unknown",
      serves: digest(1),
      found: null,
      progress: "none",
      waitsFor: null,
      checkedAt: null,
      nextAt: null,
      failure: null,
      ...more,
    },
    { style: plainStyle, width: 80, now },
  ).join("\n")

describe("what is said of an image", () => {
  it.each<readonly [string, Partial<ImageCheck>, RegExp]>([
    ["nothing was asked", {}, /Tag +not checked yet\nPolicy +off: checked by hand only$/],
    ["it names a digest", { state: "fixed" }, /Tag +names a digest: there is nothing to check$/],
    [
      "the tag leads to what serves",
      { state: "current", found: { digest: digest(1), since: ago(5), deployment: 1 }, checkedAt: ago(1) },
      /Tag +leads to what serves, 111111111111\n[\s\S]*Checked +1 min ago$/,
    ],
    [
      "it leads to a newer one, which was deployed once",
      { state: "newer", found: { digest: digest(2), since: ago(5), deployment: 7 } },
      /Tag +leads to a newer image, sha256:2{64}, seen 5 min ago\nDeployment +#7 was of it/,
    ],
    [
      "nothing serves",
      { serves: null, found: { digest: digest(2), since: ago(5), deployment: null } },
      /Serves +nothing of this reference\nTag +leads to 222222222222, seen 5 min ago; nothing of it serves/,
    ],
    [
      "it is checked by itself",
      { action: "deploy", minutes: 90, nextAt: ago(-30) },
      /Policy +deploy a newer image, every 1 h 30 min\nNext +in 30 min$/,
    ],
    [
      "it could not be asked",
      { failure: { code: "registry-limited", title: "Too often.", detail: "\u001b[2J", next: "Later." } },
      /Tag +not known\n[\s\S]*Failed +registry-limited: Too often\.\s*\n +Later\.$/,
    ],
    [
      "it waits",
      { progress: "waiting", waitsFor: "no builder is connected" },
      /Now +no builder is connected$/,
    ],
  ])("%s", (_, more, text) => expect(lines(more)).toMatch(text))
})
