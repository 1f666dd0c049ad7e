import { createHash } from "node:crypto"
import type { AgentRuntime } from "@skypanel/contract/Installation"
import { bootRules, bootRulesFile, firewallUnit } from "./bootRules.ts"
import type { InstallationFacts, InstallFiles } from "./facts.ts"
import { launcherCommand } from "./launcherCommand.ts"
import { places } from "./places.ts"
import { oneLine, quoteNix, quoteShell } from "./quote.ts"
import { flakeTemplate, parts, revert } from "./scriptParts.ts"
import { unitFile } from "./unit.ts"

/** How long a machine has to do each thing. Seconds. */
const deadlines = { connect: 180, switch: 3600 }

const { dataFolder } = places

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex")

const variables = (facts: InstallationFacts, files: InstallFiles): Readonly<Record<string, string>> => ({
  control_plane: new URL(facts.controlPlane).origin,
  platform_key: facts.platformKey,
  token: facts.token,
  token_sha256: sha256(facts.token),
  worker_name: facts.name ?? "",
  roles: facts.roles.join(","),
  runtime: facts.runtime,
  registry: facts.registryAddress,
  npm_registry: facts.npmRegistry,
  agent_version: files.agent.version,
  agent_path: files.agent.path,
  agent_sha256: files.agent.sha256,
  launcher_path: files.launcher.path,
  launcher_sha256: files.launcher.sha256,
  flake_path: files.flake.path,
  flake_sha256: files.flake.sha256,
  runtime_path_x86_64: files.runtimes.x86_64?.path ?? "",
  runtime_sha256_x86_64: files.runtimes.x86_64?.sha256 ?? "",
  runtime_path_aarch64: files.runtimes.aarch64?.path ?? "",
  runtime_sha256_aarch64: files.runtimes.aarch64?.sha256 ?? "",
  runtime_bytes_most: String(Math.max(...Object.values(files.runtimes).map(({ bytes }) => bytes), 0) + 1),
  data: dataFolder,
  settings: places.settings,
  library: places.library,
  token_file: places.tokenFile,
  docker_socket: places.dockerSocket,
  unit: places.unit,
  firewall_unit: places.firewallUnit,
  boot_rules: bootRulesFile,
  daemon_file: "/etc/docker/daemon.json",
  install: `${dataFolder}/install`,
  record: `${dataFolder}/install/record`,
  staging: `${dataFolder}/install/staging`,
  log: `${dataFolder}/install/packages.log`,
  revert: "/run/skypanel-revert",
  revert_unit: "skypanel-revert",
  connect_seconds: String(deadlines.connect),
  switch_seconds: String(deadlines.switch),
})

const assignments = (of: Readonly<Record<string, string>>): string =>
  Object.entries(of)
    .map(([name, value]) => `  ${name}=${quoteShell(oneLine(value))}`)
    .join("\n")

/** A function that prints a text as it is. */
const printing = (name: string, content: string): string => {
  const end = "END_OF_FILE"
  if (content.split("\n").includes(end)) throw new Error(`${name} has a line ${end}`)
  return `${name}() {\n  cat <<'${end}'\n${content}\n${end}\n}`
}

const command = (runtime: AgentRuntime): string => `#!/bin/sh
# Written by SkyPanel's installation script: status, version, uninstall.
set -a
[ ! -r ${places.settings}/agent.env ] || . ${places.settings}/agent.env
set +a
export DENO_DIR=${places.cache}/deno DENO_NO_UPDATE_CHECK=1
exec ${launcherCommand(runtime, "all")} "\${@:---help}"`

/** The placeholders that the platform fills; the others are the machine's to fill. */
const flake = (facts: InstallationFacts, files: InstallFiles): string => {
  const values: Readonly<Record<string, string>> = {
    controlPlane: quoteNix(new URL(facts.controlPlane).origin),
    flakeUrl: quoteNix(flakeUrl(facts, files)),
    platformKey: quoteNix(facts.platformKey),
    workerName: facts.name === null ? "null" : quoteNix(facts.name),
    roles: `[ ${facts.roles.map(quoteNix).join(" ")} ]`,
    runtime: quoteNix(facts.runtime),
    tokenFile: quoteNix(places.tokenFile),
    insecureRegistries: insecureRegistries(facts),
    npmRegistry: facts.roles.includes("builder") ? quoteNix(facts.npmRegistry) : "null",
  }
  return Object.entries(values).reduce(
    (text, [name, value]) => text.replaceAll(`@${name}@`, () => oneLine(value)),
    flakeTemplate(),
  )
}

/** Images are pulled without TLS only from a platform that has none. */
const insecureRegistries = ({ controlPlane, registryAddress }: InstallationFacts): string =>
  new URL(controlPlane).protocol === "http:" ? `[ ${quoteNix(registryAddress)} ]` : "[ ]"

const flakeUrl = (facts: InstallationFacts, files: InstallFiles): string => {
  const url = new URL(files.flake.path, facts.controlPlane)
  url.searchParams.set("narHash", files.flake.narHash)
  return url.href
}

const about = (facts: InstallationFacts): ReadonlyArray<string> => [
  `Adds this machine to the platform at ${new URL(facts.controlPlane).origin} as a worker.`,
  `Roles: ${facts.roles.join(", ")}. Name: ${facts.name ?? "the machine's own"}. Region: ${facts.region ?? "none"}.`,
  `Labels: ${
    Object.entries(facts.labels)
      .map(([name, value]) => `${name}=${value}`)
      .join(", ") || "none"
  }.`,
  `Its token works once, until ${facts.expiresAt.toISOString()}: whoever reads this can add a worker in your place.`,
  "Nothing runs before the last line was read: a download that was cut off does nothing.",
]

/** The script that makes a machine a worker. It is read by `sh`; what it is given is quoted. */
export const renderScript = (facts: InstallationFacts, files: InstallFiles): string => `#!/bin/sh
${about(facts)
  .map((line) => `# ${oneLine(line)}`)
  .join("\n")}

facts() {
${assignments(variables(facts, files))}
}

${printing("unit_file", unitFile(facts).trimEnd())}

${printing("firewall_unit_file", firewallUnit.trimEnd())}

${printing("boot_rules_file", bootRules)}

${printing("command_file", command(facts.runtime))}

${printing("flake_template", flake(facts, files))}

${printing("revert_file", revert)}

${parts.join("\n\n")}

{ main "$@"; }
`

/** What an administrator pastes into a root shell of the machine. */
export const renderCommand = (facts: InstallationFacts): string =>
  `curl -fsSL ${quoteShell(new URL(`/install/${facts.token}`, facts.controlPlane).href)} | sh`

/** The lines for a NixOS configuration of one's own: an input of its flake, a module, and the token's file. */
export const renderNixos = (
  facts: InstallationFacts,
  files: InstallFiles,
): string => `# An input of your flake:
inputs.skypanel.url = ${quoteNix(oneLine(flakeUrl(facts, files)))};
inputs.skypanel.inputs.nixpkgs.follows = "nixpkgs";

# Among the modules of the machine:
skypanel.nixosModules.worker
{
  services.skypanel.worker = {
    enable = true;
    controlPlane = ${quoteNix(new URL(facts.controlPlane).origin)};
    platformKey = ${quoteNix(oneLine(facts.platformKey))};
    tokenFile = ${quoteNix(places.tokenFile)};
    roles = [ ${facts.roles.map(quoteNix).join(" ")} ];
    runtime = ${quoteNix(facts.runtime)};
    insecureRegistries = ${insecureRegistries(facts)};
  };
}

# On the machine, before nixos-rebuild switch: the token, which works once, until ${facts.expiresAt.toISOString()}.
#   install -d -m 700 ${dataFolder}
#   (umask 077 && cat > ${places.tokenFile})
# then paste this line, and press Ctrl-D:
#   ${oneLine(facts.token)}
`
