/** Where a service stands in the picture of its stack, in units of the grid. */
export interface Node {
  readonly key: string
  readonly column: number
  readonly row: number
}

export interface Graph {
  readonly nodes: readonly Node[]
  /** From a service to one that it needs. */
  readonly edges: readonly { readonly from: Node; readonly to: Node }[]
  readonly columns: number
  readonly rows: number
}

interface Part {
  readonly key: string
  readonly needs: readonly string[]
}

/** What needs nothing stands leftmost; each other service right of all that it needs. Parts come in that order. */
export const graphOf = (parts: readonly Part[]): Graph => {
  const nodes = new Map<string, Node>()
  const rows: number[] = []
  for (const { key, needs } of parts) {
    const columns = needs.map((need) => nodes.get(need)?.column ?? -1)
    const column = Math.max(-1, ...columns) + 1
    const row = rows[column] ?? 0
    rows[column] = row + 1
    nodes.set(key, { key, column, row })
  }
  return {
    nodes: [...nodes.values()],
    edges: parts.flatMap(({ key, needs }) =>
      needs.flatMap((need) => {
        const from = nodes.get(key)
        const to = nodes.get(need)
        return from && to ? [{ from, to }] : []
      }),
    ),
    columns: rows.length,
    rows: Math.max(0, ...rows),
  }
}
