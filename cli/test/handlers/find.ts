import { NotFound } from "@skypanel/contract/Errors"
import { Effect } from "effect"
import type { FakeState } from "../FakeState.ts"
import { session } from "../fixtures.ts"

const organization = session.organizations[0]!.slug

export const find = (
  state: FakeState,
  params: { readonly organization: string; readonly service: string },
) =>
  params.organization === organization
    ? state.held(params.service)
    : Effect.fail(
        new NotFound({
          message: `There is no organization ${params.organization}.`,
          next: "Check its name.",
        }),
      )
