// docs/modules.md: the options of our modules, from the options themselves.
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const file = join(import.meta.dirname, "..", "..", "..", "docs", "modules.md")

const introduction = `# The NixOS modules

What \`services.skypanel.…\` can be set to on a NixOS machine; [nixos.md](nixos.md) says how to begin. Made from the modules
by \`nixos/tests/evaluate PATH --documentation\`; do not change it by hand.
`

const titles = {
  binaryCache: [
    "Binary cache",
    "`nixosModules.binary-cache`: a machine that downloads what was built for the fleet.",
  ],
  platform: ["Platform", "`nixosModules.platform`: the control plane."],
  worker: [
    "Worker",
    "`nixosModules.worker`: a machine that runs services, builds them, or takes their visitors.",
  ],
}

const literal = (value) => value?.text ?? JSON.stringify(value)
const inlineOrBlock = (label, value) => {
  if (value === null) return []
  const text = literal(value)
  return text.includes("\n") ? [`${label}:`, "", "```nix", text, "```", ""] : [`${label}: \`${text}\``, ""]
}

const section = ({ name, type, description, default: fallback, example }) =>
  [
    `### ${name.replace("services.skypanel.", "")}`,
    "",
    description.trim(),
    "",
    `Type: ${type}`,
    "",
    ...(fallback === null ? ["Has to be set.", ""] : inlineOrBlock("Default", fallback)),
    ...inlineOrBlock("Example", example),
  ].join("\n")

const render = (options) =>
  [
    introduction,
    ...Object.entries(titles).flatMap(([group, [title, about]]) => [
      `## ${title}\n\n${about}\n`,
      ...options.filter(({ name }) => name.startsWith(`services.skypanel.${group}.`)).map(section),
    ]),
  ].join("\n")

/** Writes the file, or says what is wrong with the one that is there; null when nothing is. */
export const documentation = async (options, write) => {
  const text = render(await options())
  if (write) writeFileSync(file, text)
  return readFileSync(file, "utf8") === text
    ? null
    : "docs/modules.md is not what the options say: run this again with --documentation"
}
