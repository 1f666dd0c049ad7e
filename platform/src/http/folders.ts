import { Api } from "@skypanel/contract/Api"
import { NotFound } from "@skypanel/contract/Errors"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { FolderStore } from "../folders/FolderStore.ts"
import { orUnavailable } from "../store/Database.ts"
import { memberOf } from "./organization.ts"

export const layerFolders = HttpApiBuilder.group(
  Api,
  "folders",
  Effect.fn(function* (handlers) {
    const folders = yield* FolderStore
    return handlers.handle("get", ({ params }) =>
      Effect.gen(function* () {
        const { id } = yield* memberOf(params.organization)
        const folder = yield* folders.find(id, params.digest)
        if (folder === null)
          return yield* new NotFound({ message: "This folder is not here.", next: "Upload it." })
        return folder
      }).pipe(orUnavailable),
    )
  }),
)
