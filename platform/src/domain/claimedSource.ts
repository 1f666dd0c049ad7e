import type { Source } from "@skypanel/contract/Source"

/**
 * A request's source as it counts: a folder that somebody names was uploaded. That it was pushed, and as which commit,
 * is the platform's to say, which has seen it: a release's signed provenance has it from there.
 */
export const asUploaded = <Request extends { readonly source?: Source }>(request: Request): Request =>
  request.source?._tag === "folder"
    ? { ...request, source: { ...request.source, origin: "upload", revision: null } }
    : request
