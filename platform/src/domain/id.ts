import { randomBytes } from "node:crypto"
import {
  AgentUpgradeId,
  AuditEventId,
  BuildId,
  CheckId,
  DeploymentId,
  InstallationId,
  NotificationId,
  OrganizationId,
  PlacementId,
  PreparedCredentialId,
  ReleaseId,
  ServiceId,
  StackId,
  TemplateId,
  TemplateVersionId,
  WorkerId,
  WorkerKeyId,
} from "@skypanel/contract/Id"
import { Schema } from "effect"

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

const encode = (value: bigint, length: number): string => {
  let text = ""
  let rest = value
  for (let i = 0; i < length; i++) {
    text = alphabet[Number(rest & 31n)] + text
    rest >>= 5n
  }
  return text
}

/** `<prefix>_` + 10 characters of milliseconds + 14 of randomness (70 bits). */
export const newId = (prefix: string, now = Date.now()): string =>
  `${prefix}_${encode(BigInt(now), 10)}${encode(BigInt(`0x${randomBytes(9).toString("hex")}`), 14)}`

const maker =
  <A>(prefix: string, decode: (id: string) => A) =>
  (): A =>
    decode(newId(prefix))

export const newServiceId = maker("svc", Schema.decodeSync(ServiceId))
export const newDeploymentId = maker("dep", Schema.decodeSync(DeploymentId))
export const newReleaseId = maker("rel", Schema.decodeSync(ReleaseId))
export const newBuildId = maker("bld", Schema.decodeSync(BuildId))
export const newCheckId = maker("chk", Schema.decodeSync(CheckId))
export const newPreparedCredentialId = maker("crd", Schema.decodeSync(PreparedCredentialId))
export const newPlacementId = maker("plc", Schema.decodeSync(PlacementId))
export const newInstallationId = maker("ins", Schema.decodeSync(InstallationId))
export const newWorkerKeyId = maker("key", Schema.decodeSync(WorkerKeyId))
export const newAuditEventId = maker("aud", Schema.decodeSync(AuditEventId))
export const newAgentUpgradeId = maker("upg", Schema.decodeSync(AgentUpgradeId))
export const newWorkerId = maker("wrk", Schema.decodeSync(WorkerId))
export const newTemplateId = maker("tpl", Schema.decodeSync(TemplateId))
export const newTemplateVersionId = maker("tpv", Schema.decodeSync(TemplateVersionId))
export const newStackId = maker("stk", Schema.decodeSync(StackId))
export const newOrganizationId = maker("org", Schema.decodeSync(OrganizationId))

const decodeNotificationId = Schema.decodeSync(NotificationId)
const microseconds = (micros: bigint): string =>
  `ntf_${encode(micros / 1000n, 10)}${encode(micros % 1000n, 2)}`

/**
 * `micros` since 1970, by the database's clock. Whoever follows notifications goes on after an id, so that these sort
 * as they were made even within a millisecond: the microseconds stand before the randomness.
 */
export const newNotificationId = (micros: bigint): NotificationId =>
  decodeNotificationId(microseconds(micros) + encode(BigInt(`0x${randomBytes(8).toString("hex")}`), 12))

/** Sorts after every notification id that was made before `micros`, and before all others. */
export const notificationIdFloor = (micros: bigint): string => microseconds(micros) + encode(0n, 12)
