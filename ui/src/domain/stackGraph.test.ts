import { expect, it } from "vitest"
import { graphOf } from "./stackGraph.ts"

it("puts each service right of all that it needs", () => {
  const graph = graphOf([
    { key: "db", needs: [] },
    { key: "cache", needs: [] },
    { key: "web", needs: ["db", "cache"] },
    { key: "proxy", needs: ["web", "db"] },
  ])
  expect(graph.nodes).toEqual([
    { key: "db", column: 0, row: 0 },
    { key: "cache", column: 0, row: 1 },
    { key: "web", column: 1, row: 0 },
    { key: "proxy", column: 2, row: 0 },
  ])
  expect(graph.edges.map(({ from, to }) => `${from.key} → ${to.key}`)).toEqual([
    "web → db",
    "web → cache",
    "proxy → web",
    "proxy → db",
  ])
  expect([graph.columns, graph.rows]).toEqual([3, 2])
})
