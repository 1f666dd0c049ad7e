import type { OrganizationId } from "@skypanel/contract/Id"
import { notificationKinds } from "@skypanel/contract/Notification"
import { Effect } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import { administrators, memberOrOwners, members, owners, type Person } from "../auth/Auth.ts"
import { newNotificationId } from "../domain/id.ts"
import { defaultPreference, notificationBody, notificationTitle } from "../domain/notifications.ts"
import { isMailAddress } from "../mail/address.ts"
import { Mail } from "../mail/Mail.ts"
import {
  claimTelling,
  insertNotification,
  preferencesFor,
  type Told,
  toldAlready,
} from "../store/Notifications.ts"
import { announceWriting, databaseMicros } from "../store/notificationOrder.ts"

const cleaned = (told: Told): Told => ({
  ...told,
  title: notificationTitle(told.title) || notificationKinds[told.kind],
  body: notificationBody(told.body),
})

/** Those of them who want it and were not told the same just now. */
const addresseesOf = (told: Told, everybody: ReadonlyArray<Person>) =>
  Effect.gen(function* () {
    const users = everybody.map(({ id }) => id)
    if (users.length === 0) return []
    const { configured } = yield* Mail
    const chosen = new Map((yield* preferencesFor(told.kind, users)).map((row) => [row.user_id, row]))
    const already = yield* toldAlready(told, users)
    return everybody
      .filter(({ id }) => !already.has(id))
      .map(({ id, email }) => {
        const { page, email: byMail } = chosen.get(id) ?? defaultPreference(told.kind)
        return {
          user: id,
          shown: page,
          mailAddress: configured && byMail && isMailAddress(email) ? email : null,
        }
      })
      .filter(({ shown, mailAddress }) => shown || mailAddress !== null)
  })

/** Writes a row for each of them. Part of the caller's transaction when there is one. */
const tell = (
  given: Told,
  people: Effect.Effect<ReadonlyArray<Person>, SqlError.SqlError, SqlClient.SqlClient>,
) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const told = cleaned(given)
    const write = Effect.gen(function* () {
      if (!(yield* claimTelling(told))) return
      const addressees = yield* addresseesOf(told, yield* people)
      if (addressees.length === 0) return
      yield* announceWriting
      const micros = yield* databaseMicros
      for (const addressee of addressees)
        yield* insertNotification(told, { ...addressee, id: newNotificationId(micros) })
    })
    yield* sql.withTransaction(write)
  })

export const tellAdministrators = (told: Told) => tell(told, administrators)

export const tellOwners = (organization: OrganizationId, told: Told) => tell(told, owners(organization))

export const tellMembers = (organization: OrganizationId, told: Told) => tell(told, members(organization))

export const tellStarter = (organization: OrganizationId, startedBy: string | null, told: Told) =>
  tell(told, memberOrOwners(organization, startedBy))
