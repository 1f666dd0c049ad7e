import { Schema } from "effect"

/**
 * Ids are lower case (they appear in OCI repository names and DNS labels): a prefix for the kind, then 24
 * characters of Crockford base 32, of which the first ten are the time, so that rows sort by age.
 */
const id = (prefix: string) => Schema.String.check(Schema.isPattern(new RegExp(`^${prefix}_[0-9a-z]{24}$`)))

export const OrganizationId = id("org").pipe(Schema.brand("OrganizationId"))
export type OrganizationId = typeof OrganizationId.Type

export const ServiceId = id("svc").pipe(Schema.brand("ServiceId"))
export type ServiceId = typeof ServiceId.Type

export const DeploymentId = id("dep").pipe(Schema.brand("DeploymentId"))
export type DeploymentId = typeof DeploymentId.Type

export const ReleaseId = id("rel").pipe(Schema.brand("ReleaseId"))
export type ReleaseId = typeof ReleaseId.Type

export const BuildId = id("bld").pipe(Schema.brand("BuildId"))
export type BuildId = typeof BuildId.Type

export const CheckId = id("chk").pipe(Schema.brand("CheckId"))
export type CheckId = typeof CheckId.Type

export const PreparedCredentialId = id("crd").pipe(Schema.brand("PreparedCredentialId"))
export type PreparedCredentialId = typeof PreparedCredentialId.Type

export const WorkerId = id("wrk").pipe(Schema.brand("WorkerId"))
export type WorkerId = typeof WorkerId.Type

export const WorkerKeyId = id("key").pipe(Schema.brand("WorkerKeyId"))
export type WorkerKeyId = typeof WorkerKeyId.Type

export const InstallationId = id("ins").pipe(Schema.brand("InstallationId"))
export type InstallationId = typeof InstallationId.Type

export const PlacementId = id("plc").pipe(Schema.brand("PlacementId"))
export type PlacementId = typeof PlacementId.Type

export const AuditEventId = id("aud").pipe(Schema.brand("AuditEventId"))
export type AuditEventId = typeof AuditEventId.Type

export const NotificationId = id("ntf").pipe(Schema.brand("NotificationId"))
export type NotificationId = typeof NotificationId.Type

export const AgentUpgradeId = id("upg").pipe(Schema.brand("AgentUpgradeId"))
export type AgentUpgradeId = typeof AgentUpgradeId.Type

export const TemplateId = id("tpl").pipe(Schema.brand("TemplateId"))
export type TemplateId = typeof TemplateId.Type

export const TemplateVersionId = id("tpv").pipe(Schema.brand("TemplateVersionId"))
export type TemplateVersionId = typeof TemplateVersionId.Type

export const StackId = id("stk").pipe(Schema.brand("StackId"))
export type StackId = typeof StackId.Type

export const UserId = id("usr").pipe(Schema.brand("UserId"))
export type UserId = typeof UserId.Type

/** An instant on the wire: ISO 8601 in UTC with milliseconds. */
export const Timestamp = Schema.String
export type Timestamp = string
