import { formatSize } from "@skypanel/contract/Resources"
import { describePort } from "@skypanel/contract/Service"
import type { Template, TemplateHistory } from "@skypanel/contract/Template"
import { table } from "./table.ts"
import type { View } from "./view.ts"

export const templateList = (templates: ReadonlyArray<Template>, view: View): ReadonlyArray<string> =>
  templates.length === 0
    ? ["This platform offers no templates."]
    : table<Template>(
        [
          { title: "TEMPLATE", cell: (template) => template.name },
          { title: "VERSION", cell: (template) => template.version },
          { title: "FROM", cell: (template) => template.owner },
          { title: "CPU", cell: (template) => String(template.resources.cpu), align: "right" },
          { title: "MEMORY", cell: (template) => formatSize(template.resources.memoryBytes), align: "right" },
          { title: "PORT", cell: (template) => describePort(template.port), align: "right" },
          { title: "DESCRIPTION", cell: (template) => template.description, shrink: true },
        ],
        templates,
        { width: view.width, head: view.style.dim },
      )

const stateOf = ({ removed, versions }: TemplateHistory): string =>
  removed ? "removed" : versions.map(({ number, state }) => `${number} ${state}`).join(", ")

export const historyList = (templates: ReadonlyArray<TemplateHistory>, view: View): ReadonlyArray<string> =>
  templates.length === 0
    ? ["There are none that you may change. Add one: skypanel templates add FILE"]
    : table<TemplateHistory>(
        [
          { title: "TEMPLATE", cell: ({ name }) => name },
          { title: "FOR", cell: ({ owner }) => owner },
          { title: "VERSIONS", cell: stateOf, shrink: true },
        ],
        templates,
        { width: view.width, head: view.style.dim },
      )
