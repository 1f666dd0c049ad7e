import type { Asker } from "../src/deploy/templates/asker.ts"
import { newOrganizationId } from "../src/domain/id.ts"

const asker = (slug: string, administrator = false): Asker => ({
  organization: { id: newOrganizationId(), slug, name: slug, role: "owner" },
  email: `${slug}@example.com`,
  administrator,
})

/** Owners of organizations, a member of the first one, and an administrator of the platform. */
export const acme = asker("acme")
export const globex = asker("globex")
export const member: Asker = { ...acme, organization: { ...acme.organization, role: "member" } }
export const administrator = asker("platform", true)
