import { expect, it } from "vitest"
import { folderCommand, pushCommands, remoteOf } from "./computerCommands.ts"

const from = { origin: "https://sky.example.org", organization: "acme", service: "shop", first: true }

it("are those of the command line, which needs to be told of another organization only", () => {
  expect(folderCommand(from)).toBe("skypanel deploy shop --dir . --wait")
  expect(folderCommand({ ...from, first: false })).toBe(
    "skypanel deploy shop --dir . --organization acme --wait",
  )
  expect(pushCommands({ ...from, first: false })).toEqual([
    "skypanel git remote shop --organization acme",
    "git push skypanel main",
  ])
  expect(remoteOf(from)).toBe("https://sky.example.org/git/acme/shop.git")
})
