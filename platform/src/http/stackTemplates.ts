import { Api } from "@skypanel/contract/Api"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { stackStanding } from "../deploy/stacks/template.ts"
import { addStack, checkStack } from "../deploy/templates/addStack.ts"
import type { Asker } from "../deploy/templates/asker.ts"
import {
  publishVersion,
  removeTemplate,
  validateVersion,
  withdrawVersion,
} from "../deploy/templates/change.ts"
import {
  compareStackVersions,
  listStackTemplates,
  manageableStacks,
  stackHistory,
} from "../deploy/templates/stackViews.ts"
import type { TrialName } from "../deploy/templates/trial.ts"
import { asked } from "./asked.ts"
import { followTrial, trialLog } from "./trialLog.ts"

interface Named {
  readonly organization: string
  readonly template: string
}

/** Changes a stack of the library, and answers with what it is then. */
const changed = <A, E, R>(params: Named, change: (asker: Asker, name: string) => Effect.Effect<A, E, R>) =>
  asked(params, (asker) =>
    Effect.andThen(change(asker, params.template), stackHistory(asker, params.template)),
  )

const trialIn = (params: Named & { readonly number: number; readonly service: string }): TrialName => ({
  kind: "stack",
  name: params.template,
  number: params.number,
  part: params.service,
})

export const layerStackTemplates = HttpApiBuilder.group(
  Api,
  "stackTemplates",
  Effect.fn(function* (handlers) {
    return handlers.handleAll({
      list: ({ params }) => asked(params, listStackTemplates),
      manage: ({ params }) => asked(params, manageableStacks),
      get: ({ params }) => asked(params, (asker) => stackHistory(asker, params.template)),
      check: ({ params, payload }) => asked(params, (asker) => checkStack(asker, payload)),
      add: ({ params, payload }) =>
        changed({ ...params, template: payload.name }, (asker) => addStack(asker, payload)),
      remove: ({ params }) => asked(params, (asker) => removeTemplate(asker, params.template, "stack")),
      validate: ({ params }) =>
        changed(params, (asker, name) => validateVersion(asker, name, params.number, "stack")),
      publish: ({ params }) =>
        changed(params, (asker, name) => publishVersion(asker, name, params.number, "stack")),
      withdraw: ({ params }) =>
        changed(params, (asker, name) => withdrawVersion(asker, name, params.number, "stack")),
      trialLog: ({ params }) => asked(params, (asker) => trialLog(asker, trialIn(params))),
      followTrial: ({ params, query }) =>
        asked(params, (asker) => followTrial(asker, trialIn(params), query.after ?? 0)),
      compare: ({ params }) =>
        asked(params, (asker) => compareStackVersions(asker, params.template, params.before, params.after)),
      ofStack: ({ params }) =>
        asked(params, ({ organization }) => stackStanding(organization.id, params.stack)),
    })
  }),
)
