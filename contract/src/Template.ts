import { Schema } from "effect"
import { DeploymentFailure } from "./Deployment.ts"
import { environmentLimits } from "./Environment.ts"
import { Timestamp } from "./Id.ts"
import { Name } from "./Name.ts"
import { Resources } from "./Resources.ts"
import { HealthPath, ServicePort } from "./Service.ts"
import { expressionMaxBytes } from "./Source.ts"
import { storable } from "./storable.ts"
import { OptionValues, TemplateOption, templateLimits } from "./TemplateOptions.ts"

/** Who offers it: it came with SkyPanel, or an administrator or an organization's own administrators wrote it. */
export const TemplateOwner = Schema.Literals(["skypanel", "everyone", "organization"])
export type TemplateOwner = typeof TemplateOwner.Type

const Variable = Schema.Struct({ name: Schema.String, value: Schema.String, description: Schema.String })

/** A template as people choose it; on disk it is `template.json`, its icon and `default.nix` in one folder. */
export const Template = Schema.Struct({
  name: Name,
  owner: TemplateOwner,
  title: Schema.String,
  description: Schema.String,
  version: Schema.String,
  category: Schema.String,
  /** An SVG document, drawn for this template. */
  icon: Schema.String,
  resources: Resources,
  port: ServicePort,
  healthPath: Schema.NullOr(Schema.String),
  environment: Schema.Array(Variable),
  options: Schema.Array(TemplateOption),
})
export type Template = typeof Template.Type

/** One line of text for people. */
const line = (most: number) =>
  Schema.String.check(
    Schema.isMinLength(1),
    Schema.isMaxLength(most),
    Schema.isPattern(/^[^\p{Cc}\p{Cs}]*$/u),
  )

/** A version of a template that is not shipped: what its author writes. It never changes. */
export const TemplateDefinition = Schema.Struct({
  title: line(80),
  description: line(500),
  category: Schema.String.check(Schema.isPattern(/^[a-z]{1,20}$/, { message: "one word of small letters" })),
  icon: Schema.String.check(Schema.isMaxLength(templateLimits.iconCharacters), storable),
  /** Gives a derivation, or is a function of `{ pkgs, options, … }` that gives one. */
  expression: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(expressionMaxBytes), storable),
  port: ServicePort,
  healthPath: Schema.NullOr(HealthPath),
  resources: Resources,
  environment: Schema.Array(
    Schema.Struct({
      name: Schema.String.check(
        Schema.isPattern(/^(?!PORT$)[A-Za-z_][A-Za-z0-9_]{0,127}$/, {
          message: "that is not a variable's name, or it is PORT",
        }),
      ),
      value: Schema.String.check(Schema.isMaxLength(environmentLimits.valueBytes), storable),
      description: Schema.String.check(Schema.isMaxLength(300), storable),
    }),
  ).check(Schema.isMaxLength(environmentLimits.variables)),
  options: Schema.Array(TemplateOption).check(Schema.isMaxLength(templateLimits.options)),
})
export type TemplateDefinition = typeof TemplateDefinition.Type

/**
 * - `draft`: nobody has tried it
 * - `validating`: its trial build waits or runs
 * - `failed`: its trial build failed
 * - `valid`: its trial build succeeded
 * - `published`: it is offered
 * - `withdrawn`: it was offered; what uses it goes on
 */
export const TemplateState = Schema.Literals([
  "draft",
  "validating",
  "failed",
  "valid",
  "published",
  "withdrawn",
])
export type TemplateState = typeof TemplateState.Type

export const TemplateVersion = Schema.Struct({
  /** Counts from 1 in each template. */
  number: Schema.Int,
  state: TemplateState,
  /** How far its trial build is, while it is one. */
  progress: Schema.NullOr(Schema.String),
  failure: Schema.NullOr(DeploymentFailure),
  /** When its last trial build was asked for; null: nobody has tried it. */
  triedAt: Schema.NullOr(Timestamp),
  definition: TemplateDefinition,
  createdBy: Schema.String,
  createdAt: Timestamp,
  publishedAt: Schema.NullOr(Timestamp),
})
export type TemplateVersion = typeof TemplateVersion.Type

/** A template with its versions, newest first. Whoever may not change it sees only those that were published. */
export const TemplateHistory = Schema.Struct({
  name: Name,
  owner: TemplateOwner,
  removed: Schema.Boolean,
  /** Whether who asks may change it. */
  manageable: Schema.Boolean,
  versions: Schema.Array(TemplateVersion),
})
export type TemplateHistory = typeof TemplateHistory.Type

export const AddTemplate = Schema.Struct({
  name: Name,
  /** For everyone; only an administrator may. Else for the organization. */
  everyone: Schema.Boolean,
  definition: TemplateDefinition,
})
export type AddTemplate = typeof AddTemplate.Type

/** Something that two versions have differently, in words; null: it was, or is, not there. */
export const TemplateChange = Schema.Struct({
  field: Schema.String,
  before: Schema.NullOr(Schema.String),
  after: Schema.NullOr(Schema.String),
})
export type TemplateChange = typeof TemplateChange.Type

/** A line of the expression: ` ` is in both, `-` only before, `+` only after, `…` stands for lines of both. */
export const DiffLine = Schema.Struct({ mark: Schema.Literals([" ", "-", "+", "…"]), text: Schema.String })
export type DiffLine = typeof DiffLine.Type

export const TemplateDifference = Schema.Struct({
  before: Schema.Int,
  after: Schema.Int,
  options: Schema.Array(TemplateChange),
  configuration: Schema.Array(TemplateChange),
  /** Empty: it is the same. */
  expression: Schema.Array(DiffLine),
})
export type TemplateDifference = typeof TemplateDifference.Type

/** What a service that was made from a template stands at. */
export const ServiceTemplate = Schema.Struct({
  template: Name,
  version: Schema.Int,
  /** A newer version that is offered; null: there is none. */
  available: Schema.NullOr(Schema.Int),
  /** What it would change. */
  difference: Schema.NullOr(TemplateDifference),
  /** Options of the newer one that have to be chosen first. */
  missing: Schema.Array(TemplateOption),
})
export type ServiceTemplate = typeof ServiceTemplate.Type

export const UpdateToVersion = Schema.Struct({ version: Schema.Int, options: OptionValues })
export type UpdateToVersion = typeof UpdateToVersion.Type
