import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { Forbidden, InvalidInput, NameTaken, NotFound, NotPossibleNow, Unavailable } from "../Errors.ts"
import { LogLine } from "../Log.ts"
import { OrdinalFromString } from "../Ordinal.ts"
import { Authorization } from "../Session.ts"
import { StackTemplate } from "../Stack.ts"
import {
  AddStackTemplate,
  StackCheck,
  StackDifference,
  StackHistory,
  StackStanding,
} from "../StackTemplate.ts"
import { accepted, organization } from "./shapes.ts"

const template = { ...organization, template: Schema.String }
const version = { ...template, number: OrdinalFromString }
const trial = { ...version, service: Schema.String }
const changeErrors = [Forbidden, NotFound, NotPossibleNow, Unavailable] as const

/** The library of stacks as an organization sees it, and may change it: by the same rules as `TemplatesGroup`. */
export class StackTemplatesGroup extends HttpApiGroup.make("stackTemplates")
  .add(
    /** Each in its newest version that is offered. */
    HttpApiEndpoint.get("list", "/stack-templates", {
      params: organization,
      success: Schema.Array(StackTemplate),
      error: [NotFound, Unavailable],
    }),
    /** Those that the asker may change, drafts among them. */
    HttpApiEndpoint.get("manage", "/manage-stack-templates", {
      params: organization,
      success: Schema.Array(StackHistory),
      error: [NotFound, Unavailable],
    }),
    /** Says what `add` would refuse, and what the services come to. Nothing is kept. */
    HttpApiEndpoint.post("check", "/check-stack-template", {
      params: organization,
      payload: AddStackTemplate,
      success: StackCheck,
      error: [Forbidden, NotFound, Unavailable],
    }),
    /** A new stack, or a new version of one that is there: a draft. */
    HttpApiEndpoint.post("add", "/stack-templates", {
      params: organization,
      payload: AddStackTemplate,
      success: StackHistory,
      error: [...changeErrors, InvalidInput, NameTaken],
    }),
    HttpApiEndpoint.get("get", "/stack-templates/:template", {
      params: template,
      success: StackHistory,
      error: [NotFound, Unavailable],
    }),
    /** Offers it no more. What nothing is made from is deleted. */
    HttpApiEndpoint.delete("remove", "/stack-templates/:template", { params: template, error: changeErrors }),
    /** Builds each of its services for trial, in the organization's turn. */
    HttpApiEndpoint.post("validate", "/stack-templates/:template/versions/:number/validate", {
      params: version,
      success: StackHistory.pipe(accepted),
      error: changeErrors,
    }),
    /** What the trial build of a service has written: for whoever may change the stack. */
    HttpApiEndpoint.get("trialLog", "/stack-templates/:template/versions/:number/services/:service/log.txt", {
      params: trial,
      success: HttpApiSchema.StreamUint8Array({ contentType: "text/plain; charset=utf-8" }),
      error: changeErrors,
    }),
    /** The same from line `after` + 1 on, as it is written; ends when the trial has. */
    HttpApiEndpoint.get("followTrial", "/stack-templates/:template/versions/:number/services/:service/log", {
      params: trial,
      query: { after: Schema.optionalKey(OrdinalFromString) },
      success: HttpApiSchema.StreamSse({ data: LogLine }),
      error: changeErrors,
    }),
    /** Offers it, for the first time or again; and with it a stack that was removed. */
    HttpApiEndpoint.post("publish", "/stack-templates/:template/versions/:number/publish", {
      params: version,
      success: StackHistory,
      error: changeErrors,
    }),
    /** Offers it no more; one that never was offered is deleted, and its trial builds end. */
    HttpApiEndpoint.post("withdraw", "/stack-templates/:template/versions/:number/withdraw", {
      params: version,
      success: StackHistory,
      error: changeErrors,
    }),
    HttpApiEndpoint.get("compare", "/stack-templates/:template/compare/:before/:after", {
      params: { ...template, before: OrdinalFromString, after: OrdinalFromString },
      success: StackDifference,
      error: [NotFound, Unavailable],
    }),
    /** Which version the stack is made from, and whether there is a newer one; null: from none that has versions. */
    HttpApiEndpoint.get("ofStack", "/stacks/:stack/template", {
      params: { ...organization, stack: Schema.String },
      success: Schema.NullOr(StackStanding),
      error: [NotFound, Unavailable],
    }),
  )
  .prefix("/organizations/:organization")
  .middleware(Authorization) {}
