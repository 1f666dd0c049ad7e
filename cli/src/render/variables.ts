import type { Service } from "@skypanel/contract/Service"
import { table } from "./table.ts"
import { oneLine } from "./text.ts"
import { formatAgo } from "./time.ts"
import type { View } from "./view.ts"

interface Row {
  readonly name: string
  readonly value: string
  readonly secret: boolean
  readonly set: string
}

const rowsOf = ({ environment, secrets }: Service, now: View["now"]): ReadonlyArray<Row> =>
  [
    ...Object.entries(environment).map(([name, value]) => ({
      name,
      value: oneLine(value),
      secret: false,
      set: "",
    })),
    ...secrets.map(({ name, version, setAt, setBy }) => ({
      name,
      value: `secret, version ${version}`,
      secret: true,
      set: `${formatAgo(setAt, now)}${setBy === null ? "" : ` by ${oneLine(setBy)}`}`,
    })),
  ].toSorted((a, b) => (a.name < b.name ? -1 : 1))

export const variableList = (service: Service, view: View): ReadonlyArray<string> => {
  const rows = rowsOf(service, view.now)
  return rows.length === 0
    ? [`${service.name} has no variables${service.port === null ? "" : " but PORT"}.`]
    : table<Row>(
        [
          { title: "VARIABLE", cell: ({ name }) => name },
          {
            title: "VALUE",
            cell: ({ value }) => value,
            paint: (text, { secret }) => (secret ? view.style.dim(text) : text),
            shrink: true,
          },
          { title: "SET", cell: ({ set }) => set },
        ],
        rows,
        { width: view.width, head: view.style.dim },
      )
}
