import { ChangeImagePolicy, type ImageCheck } from "@skypanel/contract/ImageCheck"
import { checked } from "./checked.ts"
import { call, client } from "./client.ts"
import type { OfService } from "./repository.ts"

export const readImage = (params: OfService, signal?: AbortSignal): Promise<ImageCheck> =>
  call(client.image.get({ params, query: {} }), signal)

/** Answers at once; what comes of it, a change tells. */
export const checkImage = (params: OfService): Promise<ImageCheck> => call(client.image.check({ params }))

export const changeImagePolicy = async (
  params: OfService,
  policy: ChangeImagePolicy,
): Promise<ImageCheck> => {
  const payload = checked(ChangeImagePolicy, policy)
  return call(client.image.changePolicy({ params, payload }))
}
