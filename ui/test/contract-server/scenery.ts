import type { PriceList } from "@skypanel/contract/Price"
import type {
  Template,
  TemplateDefinition,
  TemplateDifference,
  TemplateHistory,
  TemplateVersion,
} from "@skypanel/contract/Template"
import type { PackageSet } from "@skypanel/contract/Worker"

const MiB = 1024 * 1024

export const prices: PriceList = {
  currency: "USD",
  cpuHour: 9_600,
  memoryGibHour: 6_800,
  storageGibHour: 140,
}

export const packageSet: PackageSet = {
  kind: "embedded",
  reference: "Debian 12 packages",
  reason: "nixpkgs cannot be reached from here",
}

const letter = (text: string, colour: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" rx="10" fill="${colour}"/><text x="20" y="26" font-family="sans-serif" font-size="16" font-weight="700" text-anchor="middle" fill="#fff">${text}</text></svg>`

const template = (name: string, title: string, description: string, icon: string): Template => ({
  name,
  owner: "skypanel",
  title,
  description,
  version: "1.0.0",
  category: "Language",
  icon,
  resources: { cpu: 0.25, memoryBytes: 256 * MiB, storageBytes: 64 * MiB },
  port: 8080,
  healthPath: "/health",
  environment: [{ name: "GREETING", value: "Hello", description: "What the page says" }],
  options: [],
})

export const templates: readonly Template[] = [
  template(
    "nodejs",
    "Node.js",
    "An HTTP app with npm dependencies from its lock file.",
    letter("JS", "#3c873a"),
  ),
  template(
    "python",
    "Python",
    "A WSGI app with its requirements, served by gunicorn.",
    letter("Py", "#3673a5"),
  ),
  template("go", "Go", "One static binary with modules from go.sum.", letter("Go", "#007d9c")),
  template(
    "static",
    "Static site",
    "HTML, CSS and images, served with sensible headers.",
    letter("{}", "#b4572e"),
  ),
]

const definition: TemplateDefinition = {
  title: "Wiki",
  description: "Pages that everybody in the organization can change.",
  category: "web",
  icon: letter("W", "#7a4fbf"),
  expression: "{ pkgs, options, ... }:\npkgs.wiki.override { inherit (options) heading; }\n",
  port: 8080,
  healthPath: "/health",
  resources: { cpu: 0.5, memoryBytes: 512 * MiB, storageBytes: 64 * MiB },
  environment: [{ name: "LOG", value: "info", description: "How much it says" }],
  options: [
    {
      name: "heading",
      label: "Heading",
      description: "What stands on every page.",
      type: "text",
      required: true,
      default: null,
      choices: [],
      min: null,
      max: 40,
      variable: null,
    },
    {
      name: "theme",
      label: "Theme",
      description: "",
      type: "choice",
      required: true,
      default: null,
      choices: ["light", "dark"],
      min: null,
      max: null,
      variable: null,
    },
    {
      name: "adminKey",
      label: "Key of the administrator",
      description: "",
      type: "secret",
      required: false,
      default: null,
      choices: [],
      min: null,
      max: null,
      variable: "ADMIN_KEY",
    },
  ],
}

const version = (number: number, part: Partial<TemplateDefinition>): TemplateVersion => ({
  number,
  state: "published",
  progress: null,
  failure: null,
  triedAt: "2026-11-20T10:01:00.000Z",
  definition: { ...definition, ...part },
  createdBy: "ada@example.org",
  createdAt: "2026-11-20T10:00:00.000Z",
  publishedAt: "2026-11-20T10:05:00.000Z",
})

/** An organization's own template, in two versions. */
export const wiki: TemplateHistory = {
  name: "wiki",
  owner: "organization",
  removed: false,
  manageable: true,
  versions: [version(2, {}), version(1, { options: definition.options.slice(0, 1), expression: "old" })],
}

export const difference: TemplateDifference = {
  before: 1,
  after: 2,
  options: [{ field: "theme", before: null, after: "one of light, dark, needed" }],
  configuration: [{ field: "variable LOG", before: "debug", after: "info" }],
  expression: [
    { mark: " ", text: "{ pkgs, options, ... }:" },
    { mark: "-", text: "pkgs.wiki" },
    { mark: "+", text: "pkgs.wiki.override { inherit (options) heading; }" },
  ],
}
