import type { RegistryCredential } from "@skypanel/contract/RegistryCredential"
import { table } from "./table.ts"
import { formatAgo } from "./time.ts"
import type { View } from "./view.ts"

export const registryList = (
  registries: ReadonlyArray<RegistryCredential>,
  view: View,
): ReadonlyArray<string> =>
  registries.length === 0
    ? ["There is no credential for any registry."]
    : table<RegistryCredential>(
        [
          { title: "REGISTRY", cell: ({ registry }) => registry },
          { title: "USER NAME", cell: ({ username }) => username, shrink: true },
          { title: "GIVEN BY", cell: ({ createdBy }) => createdBy, shrink: true },
          { title: "LAST USED", cell: ({ lastUsedAt }) => formatAgo(lastUsedAt ?? null, view.now) },
          { title: "SINCE", cell: ({ createdAt }) => formatAgo(createdAt, view.now) },
        ],
        registries,
        { width: view.width, head: view.style.dim },
      )
