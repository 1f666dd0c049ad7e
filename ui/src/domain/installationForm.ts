import { type AgentRuntime, type CreateInstallation, defaultRoles } from "@skypanel/contract/Installation"
import type { WorkerRole } from "@skypanel/contract/Worker"
import { issuesInRows, type LabelRow, labelsOf } from "./labelsForm.ts"
import type { FieldIssue } from "./serviceForm.ts"
import type { Read } from "./serviceRequest.ts"

/** What stands in the fields of a new worker, as it was typed. */
export interface InstallationForm {
  readonly name: string
  readonly roles: readonly WorkerRole[]
  readonly labels: readonly LabelRow[]
  readonly region: string
  readonly runtime: AgentRuntime
  readonly allowFrom: string
}

export const emptyInstallation: InstallationForm = {
  name: "",
  roles: defaultRoles,
  labels: [],
  region: "",
  runtime: "deno",
  allowFrom: "",
}

export const roleWords: Record<WorkerRole, { readonly title: string; readonly text: string }> = {
  services: { title: "Runs services", text: "Customers' instances are placed on it." },
  ingress: {
    title: "Takes visitors' requests",
    text: "For the services of the whole fleet: host names lead to it. Without it, its proxy answers only for its own.",
  },
  builder: { title: "Builds", text: "Needs Nix and room on its disk. Builds see no customer's service." },
}

const textOrNull = (text: string): string | null => (text.trim() === "" ? null : text.trim())

/** The request that makes the installation, or the fields that hold no value. */
export const readInstallationForm = (form: InstallationForm): Read<CreateInstallation> => {
  const issues: readonly FieldIssue[] = issuesInRows(form.labels)
  if (issues.length > 0) return { issues }
  const name = textOrNull(form.name)
  return {
    issues: null,
    request: {
      ...(name === null ? {} : { name }),
      roles: form.roles,
      labels: labelsOf(form.labels),
      region: textOrNull(form.region),
      runtime: form.runtime,
      allowFrom: textOrNull(form.allowFrom),
    },
  }
}
