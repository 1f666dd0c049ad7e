import { Flag, GlobalFlag } from "effect/cli"

/** `--json`: results as JSON for programs. */
export const Json = GlobalFlag.Setting("json")({
  flag: Flag.Boolean("json").pipe(
    Flag.withDefault(false),
    Flag.withoutNegation,
    Flag.withDescription("Print JSON: one document, or one line for each entry of what is followed"),
  ),
})

/** `--organization SLUG`: whose services; without it, the first organization that the user belongs to. */
export const Organization = GlobalFlag.Setting("organization")({
  flag: Flag.String("organization").pipe(
    Flag.withMetavar("SLUG"),
    Flag.optional,
    Flag.withDescription("Organization to work in (default: the first that you belong to)"),
  ),
})

export const wait = Flag.Boolean("wait").pipe(
  Flag.withDefault(false),
  Flag.withoutNegation,
  Flag.withDescription("Show how it goes and end when it has ended; exit code 0 only when it went well"),
)

export const timeout = Flag.String("timeout").pipe(
  Flag.withMetavar("TIME"),
  Flag.withDefault("30m"),
  Flag.withDescription("With --wait: how long to wait, such as 90s or 10m (default 30m)"),
)
