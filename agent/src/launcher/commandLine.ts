import type { BundleHeader } from "./bundleHeader.ts"

export interface Places {
  readonly runtime: "deno" | "node"
  /** Absolute path of the runtime's own program. */
  readonly program: string
  readonly dataFolder: string
  readonly dockerSocket: string
  readonly roles: ReadonlyArray<string>
}

/** Nothing but the bundle is read: no configuration, no other module, no question to a terminal. */
const alone = ["--no-prompt", "--no-config", "--no-lock", "--no-remote", "--no-npm"]

/** The command line that runs a bundle. */
export const commandLine = (
  bundle: string,
  header: BundleHeader,
  { runtime, program, dataFolder, dockerSocket, roles }: Places,
): ReadonlyArray<string> => {
  if (runtime === "node") return [program, bundle]
  const granted = roles.includes("builder") ? header.deno.builder : header.deno.services
  const permissions = granted.map((each) =>
    each.replaceAll("<data>", dataFolder).replaceAll("<docker>", dockerSocket),
  )
  return [program, "run", ...alone, ...permissions, bundle]
}
