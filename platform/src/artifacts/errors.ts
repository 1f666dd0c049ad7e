import { Schema } from "effect"

/** What was sent is not what it says, or not what we take: the message goes back to whoever sent it. */
export class UploadRefused extends Schema.TaggedError<UploadRefused>()("UploadRefused", {
  message: Schema.String,
}) {}

/** The data folder, or the bucket, has no room for it. Nothing of the upload was kept. */
export class StorageFull extends Schema.TaggedError<StorageFull>()("StorageFull", {
  message: Schema.String,
}) {}

/** The data folder, or the bucket, cannot be read or written, for another reason than room. */
export class StorageFailed extends Schema.TaggedError<StorageFailed>()("StorageFailed", {
  message: Schema.String,
}) {}

/** No image can be made of what was asked for. */
export class ImageError extends Schema.TaggedError<ImageError>()("ImageError", {
  message: Schema.String,
}) {}

/** The platform does not start with a bucket that it cannot make out. */
export class BadBucketUrl extends Schema.TaggedError<BadBucketUrl>()("BadBucketUrl", {
  message: Schema.String,
}) {}
