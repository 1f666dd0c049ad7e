import type { Overrides } from "@skypanel/contract/Overrides"
import { Result } from "effect"
import type { SourceTree } from "../../SourceTree.ts"
import { recognise } from "../Recognise.ts"
import type { Offer } from "../Recognised.ts"

export const offer: Offer = {
  name: "a set",
  node: [22, 24],
  python: "3.11",
  npmRegistry: "https://registry.example.org",
  crates: "https://crates.example.org/crates",
  wheels: "https://wheels.example.org/all",
  cpu: "x64",
}

/** A tree with these files, and with the folders that they are in. */
export const treeOf = (files: Record<string, string>, ...others: ReadonlyArray<string>): SourceTree => {
  const paths = new Set<string>()
  for (const path of [...Object.keys(files), ...others]) {
    const parts = path.split("/")
    for (let end = 1; end < parts.length; end++) paths.add(`${parts.slice(0, end).join("/")}/`)
    if (!path.endsWith("/")) paths.add(path)
  }
  return { paths, files }
}
export const recognised = (files: Record<string, string>, ...others: ReadonlyArray<string>) => {
  const found = recognise(treeOf(files, ...others), offer)
  if (Result.isFailure(found)) throw new Error(JSON.stringify(found.failure.failure))
  return found.success
}
export const failure = (files: Record<string, string>, ...others: ReadonlyArray<string>) => {
  const found = recognise(treeOf(files, ...others), offer)
  if (Result.isSuccess(found)) throw new Error(`recognised: ${found.success.reasoning.join("; ")}`)
  return found.failure.failure
}
export const start = JSON.stringify({ scripts: { start: "node server.js" } })
export const needsExpress = JSON.stringify({ ...JSON.parse(start), dependencies: { express: "5" } })
/** As its service has it recognised. */
export const recognisedFor = (overrides: Overrides, files: Record<string, string>) => {
  const found = recognise(treeOf(files), offer, overrides)
  return Result.isFailure(found) ? found.failure.failure : found.success
}
