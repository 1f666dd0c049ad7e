import type { PriceList } from "@skypanel/contract/Price"
import type { Template } from "@skypanel/contract/Template"
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
  title,
  description,
  version: "1.0.0",
  category: "Language",
  icon,
  resources: { cpu: 0.25, memoryBytes: 256 * MiB, storageBytes: 64 * MiB },
  port: 8080,
  healthPath: "/health",
  environment: [{ name: "GREETING", value: "Hello", description: "What the page says" }],
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
