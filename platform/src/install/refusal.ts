import type { RefusalReason } from "./facts.ts"
import { quoteShell } from "./quote.ts"

const texts: Readonly<Record<RefusalReason, readonly [what: string, next: string]>> = {
  unknown: [
    "This installation's token is not known here.",
    "Copy the whole command from the platform's page, or add a worker there anew.",
  ],
  used: [
    "This installation's token has been used: it works once.",
    "If it was this machine, skypanel-agent status says how it is. To add or repair a worker, make a new installation.",
  ],
  revoked: ["This installation was revoked.", "Ask an administrator of the platform for a new one."],
  expired: [
    "This installation's token has expired.",
    "Make a new installation; its token works for an hour.",
  ],
  forbidden: [
    "This installation may not be used from this machine's address.",
    "Make a new one that allows this address, or run it on the machine that it is for.",
  ],
}

/**
 * A script that only says why there is no other. It is sent with status 200: `curl -f … | sh` would otherwise give
 * the shell nothing, and the shell would find that in order.
 */
const complaint = (lines: ReadonlyArray<string>): string => `#!/bin/sh
{
  printf 'skypanel: %s\\n' ${lines.map(quoteShell).join(" ")} >&2
  exit 1
}
`

export const renderRefusal = (reason: RefusalReason): string => complaint(texts[reason])

/** For an installation that is in order, on a platform that is not. */
export const renderFailure = (reason: string): string =>
  complaint([
    `The platform cannot add workers now: ${reason}`,
    "Ask its administrator; the token is still good.",
  ])
