import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { Forbidden, InvalidInput, NameTaken, NotFound, NotPossibleNow, Unavailable } from "../Errors.ts"
import { LogLine } from "../Log.ts"
import { OrdinalFromString } from "../Ordinal.ts"
import { Authorization } from "../Session.ts"
import {
  AddTemplate,
  ServiceTemplate,
  Template,
  TemplateDifference,
  TemplateHistory,
  UpdateToVersion,
} from "../Template.ts"
import { accepted, organization, Started, service, startErrors } from "./shapes.ts"

const template = { ...organization, template: Schema.String }
const version = { ...template, number: OrdinalFromString }
const changeErrors = [Forbidden, NotFound, NotPossibleNow, Unavailable] as const

/**
 * Templates as an organization sees them: shipped ones, everyone's, and its own. Changing its own is for its owners and
 * administrators; changing everyone's for administrators of the platform, whose trial builds are the organization's.
 */
export class TemplatesGroup extends HttpApiGroup.make("templates")
  .add(
    /** Each in its newest version that is offered. */
    HttpApiEndpoint.get("list", "/templates", {
      params: organization,
      success: Schema.Array(Template),
      error: [NotFound, Unavailable],
    }),
    /** Those that the asker may change, drafts among them. */
    HttpApiEndpoint.get("manage", "/manage-templates", {
      params: organization,
      success: Schema.Array(TemplateHistory),
      error: [NotFound, Unavailable],
    }),
    /** A new template, or a new version of one that is there: a draft. */
    HttpApiEndpoint.post("add", "/templates", {
      params: organization,
      payload: AddTemplate,
      success: TemplateHistory,
      error: [...changeErrors, InvalidInput, NameTaken],
    }),
    HttpApiEndpoint.get("get", "/templates/:template", {
      params: template,
      success: TemplateHistory,
      error: [NotFound, Unavailable],
    }),
    /** Offers it no more. What nothing uses is deleted. */
    HttpApiEndpoint.delete("remove", "/templates/:template", { params: template, error: changeErrors }),
    /** Builds it for trial, in the organization's turn. */
    HttpApiEndpoint.post("validate", "/templates/:template/versions/:number/validate", {
      params: version,
      success: TemplateHistory.pipe(accepted),
      error: changeErrors,
    }),
    /** What its trial build has written, as plain text: for whoever may change the template. */
    HttpApiEndpoint.get("trialLog", "/templates/:template/versions/:number/log.txt", {
      params: version,
      success: HttpApiSchema.StreamUint8Array({ contentType: "text/plain; charset=utf-8" }),
      error: changeErrors,
    }),
    /** The same from line `after` + 1 on, as it is written; ends when the trial has. */
    HttpApiEndpoint.get("followTrial", "/templates/:template/versions/:number/log", {
      params: version,
      query: { after: Schema.optionalKey(OrdinalFromString) },
      success: HttpApiSchema.StreamSse({ data: LogLine }),
      error: changeErrors,
    }),
    /** Offers it, for the first time or again; and with it a template that was removed. */
    HttpApiEndpoint.post("publish", "/templates/:template/versions/:number/publish", {
      params: version,
      success: TemplateHistory,
      error: changeErrors,
    }),
    /** Offers it no more; one that never was offered is deleted, and its trial build ends. */
    HttpApiEndpoint.post("withdraw", "/templates/:template/versions/:number/withdraw", {
      params: version,
      success: TemplateHistory,
      error: changeErrors,
    }),
    HttpApiEndpoint.get("compare", "/templates/:template/compare/:before/:after", {
      params: {
        ...template,
        before: OrdinalFromString,
        after: OrdinalFromString,
      },
      success: TemplateDifference,
      error: [NotFound, Unavailable],
    }),
    /** Which version the service is made from, and whether there is a newer one; null: it is from no such template. */
    HttpApiEndpoint.get("ofService", "/services/:service/template", {
      params: service,
      success: Schema.NullOr(ServiceTemplate),
      error: [NotFound, Unavailable],
    }),
    /** Deploys the service from another version. What was chosen stays; defaults that nobody changed follow. */
    HttpApiEndpoint.post("update", "/services/:service/template", {
      params: service,
      payload: UpdateToVersion,
      success: Started.pipe(accepted),
      error: startErrors,
    }),
  )
  .prefix("/organizations/:organization")
  .middleware(Authorization) {}
