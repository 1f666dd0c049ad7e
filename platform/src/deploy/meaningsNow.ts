import type { StackId } from "@skypanel/contract/Id"
import { type Reference, referencesIn } from "@skypanel/contract/StackReferences"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { PlatformConfig } from "../config.ts"
import type { Meaning } from "../domain/stacks/meanings.ts"
import type { DeploymentRow, ServiceRow } from "../store/rows.ts"
import { stackSecrets } from "../store/StackSecrets.ts"

interface OtherRow extends ServiceRow {
  /** Of what serves. */
  readonly live_port: number | null
}

const othersOf = ({ organization_id, stack_id }: ServiceRow) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<OtherRow>`select s.*, d.port as live_port from service s
      left join deployment d on d.id = s.live_deployment_id
      where s.organization_id = ${organization_id} and s.stack_id = ${stack_id}`,
  )

const portText = (port: number | null) => (port === null ? null : String(port))

/** What of a stack's service is no secret. */
const plainOf = (other: OtherRow, attribute: string, config: PlatformConfig["Service"]): string | null => {
  switch (attribute) {
    case "host":
      return other.name
    case "port":
      return portText(other.live_port ?? other.port)
    case "url":
      return other.public && other.port !== null ? PlatformConfig.endpointUrl(config, other.host) : null
    default:
      return null
  }
}

export const nameOf = ({ key, attribute }: Reference): string => `${key}.${attribute}`

/** The references in the variables of a stack's service. */
export const referencesOf = (
  { stack_key }: Pick<ServiceRow, "stack_key">,
  { environment }: Pick<DeploymentRow, "environment">,
): ReadonlyArray<Reference> => (stack_key === null ? [] : Object.values(environment).flatMap(referencesIn))

/** What references stand for now, to an instance of the deployment that would be started; null: for nothing. */
export const meaningsNow = (service: ServiceRow, deployment: DeploymentRow) =>
  Effect.gen(function* () {
    const { stack_id: stack, stack_key: part, organization_id: organization } = service
    const config = yield* PlatformConfig
    // One that has left its stack refers to nothing any more.
    const others = stack === null ? [] : yield* othersOf(service)
    const secrets = yield* stackSecrets(organization, stack ?? ("" as StackId), deployment.id)
    const meansNow = (reference: Reference): Meaning | null => {
      const secret = secrets.current.get(nameOf(reference))
      if (secret !== undefined) return { version: secret.version }
      if (reference.key === part && reference.attribute === "port") return portText(deployment.port)
      const other = others.find(({ stack_key }) => stack_key === reference.key)
      return other === undefined ? null : plainOf(other, reference.attribute, config)
    }
    return { secrets, meansNow }
  })
