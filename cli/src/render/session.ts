import type { Session } from "@skypanel/contract/Session"
import { fieldLines } from "./fields.ts"
import type { Style } from "./style.ts"
import { oneLine } from "./text.ts"

export const sessionLines = (session: Session, url: string, style: Style): ReadonlyArray<string> =>
  fieldLines(
    [
      ["User", oneLine(`${session.user.email}${session.user.administrator ? " (administrator)" : ""}`)],
      ...session.organizations.map((organization, index): [string, string] => [
        index === 0 ? "Organizations" : "",
        oneLine(`${organization.slug} (${organization.role})`),
      ]),
      [
        "Platform",
        oneLine(
          `${url} (version ${session.platform.version}${session.platform.development ? ", development" : ""})`,
        ),
      ],
      [
        "Packages",
        session.platform.packageSet === null
          ? "no builder is connected"
          : oneLine(`${session.platform.packageSet.kind}: ${session.platform.packageSet.reference}`),
      ],
    ],
    style,
  )
