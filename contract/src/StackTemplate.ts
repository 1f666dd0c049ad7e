import { Schema } from "effect"
import { DeploymentFailure } from "./Deployment.ts"
import { Environment } from "./Environment.ts"
import { Timestamp } from "./Id.ts"
import { Name } from "./Name.ts"
import { Replicas, Resources } from "./Resources.ts"
import { HealthPath, ServicePort } from "./Service.ts"
import { Source } from "./Source.ts"
import { SecretName, StackKey, StackPart, stackServicesMost } from "./Stack.ts"
import {
  AddTemplate,
  DiffLine,
  TemplateChange,
  TemplateDefinition,
  TemplateHistory,
  TemplateVersion,
} from "./Template.ts"
import { Volume } from "./Volume.ts"

/** Stacks that are not shipped: what their authors write, in versions that are tried before they are offered. */

const [template, git, expression, , image] = Source.members
const { title, description, icon } = TemplateDefinition.fields

/** A service as a stack's author writes it. What is left out is as its template has it, or goes without saying. */
export const WrittenPart = Schema.Struct({
  title: Schema.optionalKey(title),
  source: Schema.Union([template, git, expression, image]),
  public: Schema.optionalKey(Schema.Boolean),
  port: Schema.optionalKey(ServicePort),
  healthPath: Schema.optionalKey(Schema.NullOr(HealthPath)),
  resources: Schema.optionalKey(Resources),
  replicas: Schema.optionalKey(Replicas),
  volume: Schema.optionalKey(Schema.NullOr(Volume)),
  environment: Schema.optionalKey(Environment),
  secrets: Schema.optionalKey(Schema.Array(SecretName).check(Schema.isMaxLength(20))),
  needs: Schema.optionalKey(Schema.Array(StackKey).check(Schema.isMaxLength(stackServicesMost))),
})
export type WrittenPart = typeof WrittenPart.Type

export const WrittenStack = Schema.Struct({
  title,
  description,
  icon,
  services: Schema.Record(Schema.String, WrittenPart).check(
    Schema.isPropertyNames(StackKey),
    Schema.isMinProperties(1, { message: "a stack has at least one service" }),
    Schema.isMaxProperties(stackServicesMost, {
      message: `a stack has at most ${stackServicesMost} services`,
    }),
  ),
})
export type WrittenStack = typeof WrittenStack.Type

export const AddStackTemplate = Schema.Struct({ ...AddTemplate.fields, definition: WrittenStack })
export type AddStackTemplate = typeof AddStackTemplate.Type

/** What is wrong with a stack, at a path such as `definition.services.web.needs`, and what its services come to. */
export const StackCheck = Schema.Struct({
  issues: Schema.Array(Schema.Struct({ path: Schema.String, message: Schema.String })),
  services: Schema.Array(StackPart),
})
export type StackCheck = typeof StackCheck.Type

/** A version, with nothing left open. It never changes. */
export const StackDefinition = Schema.Struct({
  title,
  description,
  icon,
  services: Schema.Array(StackPart),
})
export type StackDefinition = typeof StackDefinition.Type

/** The trial build of one of its services. */
export const StackTrial = Schema.Struct({
  key: StackKey,
  /** Why it waits, or what its builder does; null: it has ended. */
  progress: Schema.NullOr(Schema.String),
  /** Null: it has not failed. */
  failure: Schema.NullOr(DeploymentFailure),
  triedAt: Timestamp,
})
export type StackTrial = typeof StackTrial.Type

const { number, state, createdBy, createdAt, publishedAt } = TemplateVersion.fields

/** It is tried when each of its services is. */
export const StackVersion = Schema.Struct({
  number,
  state,
  trials: Schema.Array(StackTrial),
  definition: StackDefinition,
  createdBy,
  createdAt,
  publishedAt,
})
export type StackVersion = typeof StackVersion.Type

/** A stack of the library with its versions, newest first. Whoever may not change it sees those that were published. */
export const StackHistory = Schema.Struct({
  ...TemplateHistory.fields,
  versions: Schema.Array(StackVersion),
})
export type StackHistory = typeof StackHistory.Type

/** What two versions have differently of one service. */
export const PartDifference = Schema.Struct({
  key: StackKey,
  kind: Schema.Literals(["added", "removed", "changed"]),
  changes: Schema.Array(TemplateChange),
  /** Of an expression in the stack itself; empty: there is none, or it is the same. */
  expression: Schema.Array(DiffLine),
})
export type PartDifference = typeof PartDifference.Type

export const StackDifference = Schema.Struct({
  before: Schema.Int,
  after: Schema.Int,
  /** Of title and description. */
  changes: Schema.Array(TemplateChange),
  /** Only those in which something is different. */
  services: Schema.Array(PartDifference),
})
export type StackDifference = typeof StackDifference.Type

/** What a stack stands at that was made from a template with versions. */
export const StackStanding = Schema.Struct({
  template: Name,
  version: Schema.Int,
  /** A newer version that is offered; null: there is none. */
  available: Schema.NullOr(Schema.Int),
  difference: Schema.NullOr(StackDifference),
})
export type StackStanding = typeof StackStanding.Type
