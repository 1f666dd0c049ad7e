import { Schema } from "effect"

/**
 * Everything an answer can say instead of yes. `message` says what is wrong, `next` what to do about it; both are
 * for people. The tag is for programs.
 */
const words = { message: Schema.String, next: Schema.String }

export class Unauthorized extends Schema.TaggedError<Unauthorized>()("Unauthorized", words, {
  httpApiStatus: 401,
}) {}

export class Forbidden extends Schema.TaggedError<Forbidden>()("Forbidden", words, { httpApiStatus: 403 }) {}

/** Also for what exists, but belongs to somebody else. */
export class NotFound extends Schema.TaggedError<NotFound>()("NotFound", words, { httpApiStatus: 404 }) {}

export class NameTaken extends Schema.TaggedError<NameTaken>()("NameTaken", words, { httpApiStatus: 409 }) {}

/** The thing is in a state in which this cannot be done. */
export class NotPossibleNow extends Schema.TaggedError<NotPossibleNow>()("NotPossibleNow", words, {
  httpApiStatus: 409,
}) {}

/** `issues` names each bad field by its path, such as `resources.cpu`. */
export class InvalidInput extends Schema.TaggedError<InvalidInput>()(
  "InvalidInput",
  {
    ...words,
    issues: Schema.Array(Schema.Struct({ path: Schema.String, message: Schema.String })),
  },
  { httpApiStatus: 400 },
) {}

/** More than any worker has, or more than an organization may have. */
export class NoCapacity extends Schema.TaggedError<NoCapacity>()("NoCapacity", words, {
  httpApiStatus: 422,
}) {}

/** The database or a worker cannot be reached; trying again later may help. */
export class Unavailable extends Schema.TaggedError<Unavailable>()("Unavailable", words, {
  httpApiStatus: 503,
}) {}
