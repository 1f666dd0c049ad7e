import { Schema } from "effect"
import { Name } from "./Name.ts"
import { Resources } from "./Resources.ts"

/** A template as people choose it; on disk it is `template.json`, its icon and `default.nix` in one folder. */
export const Template = Schema.Struct({
  name: Name,
  title: Schema.String,
  description: Schema.String,
  version: Schema.String,
  category: Schema.String,
  /** An SVG document, drawn for this template. */
  icon: Schema.String,
  resources: Resources,
  port: Schema.Int,
  healthPath: Schema.NullOr(Schema.String),
  environment: Schema.Array(
    Schema.Struct({ name: Schema.String, value: Schema.String, description: Schema.String }),
  ),
})
export type Template = typeof Template.Type
