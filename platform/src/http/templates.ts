import { Api } from "@skypanel/contract/Api"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { addTemplate } from "../deploy/templates/add.ts"
import type { Asker } from "../deploy/templates/asker.ts"
import {
  publishVersion,
  removeTemplate,
  validateVersion,
  withdrawVersion,
} from "../deploy/templates/change.ts"
import { templateOfService, updateToVersion } from "../deploy/templates/updateToVersion.ts"
import {
  compareTemplate,
  listTemplates,
  manageableTemplates,
  templateHistory,
} from "../deploy/templates/views.ts"
import { asked } from "./asked.ts"
import { started } from "./started.ts"
import { followTrial, trialLog } from "./trialLog.ts"

const trialIn = ({ template, number }: { readonly template: string; readonly number: number }) =>
  ({ kind: "service", name: template, number, part: null }) as const

/** Changes a template, and answers with what it is then. */
const changed = <A, E, R>(
  params: { readonly organization: string; readonly template: string },
  change: (asker: Asker, name: string) => Effect.Effect<A, E, R>,
) =>
  asked(params, (asker) =>
    Effect.andThen(change(asker, params.template), templateHistory(asker, params.template)),
  )

export const layerTemplates = HttpApiBuilder.group(
  Api,
  "templates",
  Effect.fn(function* (handlers) {
    return handlers.handleAll({
      list: ({ params }) => asked(params, listTemplates),
      manage: ({ params }) => asked(params, manageableTemplates),
      get: ({ params }) => asked(params, (asker) => templateHistory(asker, params.template)),
      add: ({ params, payload }) =>
        changed({ ...params, template: payload.name }, (asker) => addTemplate(asker, payload)),
      remove: ({ params }) => asked(params, (asker) => removeTemplate(asker, params.template)),
      validate: ({ params }) => changed(params, (asker, name) => validateVersion(asker, name, params.number)),
      publish: ({ params }) => changed(params, (asker, name) => publishVersion(asker, name, params.number)),
      withdraw: ({ params }) => changed(params, (asker, name) => withdrawVersion(asker, name, params.number)),
      trialLog: ({ params }) => asked(params, (asker) => trialLog(asker, trialIn(params))),
      followTrial: ({ params, query }) =>
        asked(params, (asker) => followTrial(asker, trialIn(params), query.after ?? 0)),
      compare: ({ params }) =>
        asked(params, (asker) => compareTemplate(asker, params.template, params.before, params.after)),
      ofService: ({ params }) =>
        asked(params, ({ organization }) => templateOfService(organization, params.service)),
      update: ({ params, payload }) =>
        started(params.organization, (organization, user) =>
          Effect.map(updateToVersion(organization, user, params.service, payload), ({ number }) => ({
            name: params.service,
            number,
          })),
        ),
    })
  }),
)
