import { Command } from "effect/cli"
import { builds } from "./commands/builds.ts"
import { cache } from "./commands/cache/cache.ts"
import { check } from "./commands/check.ts"
import { deleteService } from "./commands/delete.ts"
import { deploy } from "./commands/deploy.ts"
import { cancel, deployments } from "./commands/deployments.ts"
import { env } from "./commands/env/env.ts"
import { expressions } from "./commands/expressions.ts"
import { git } from "./commands/git/git.ts"
import { image } from "./commands/image.ts"
import { learned } from "./commands/learned.ts"
import { redeploy, restart, start, stop } from "./commands/lifecycle.ts"
import { logs } from "./commands/logs.ts"
import { notifications } from "./commands/notifications/notifications.ts"
import { whoami } from "./commands/platform.ts"
import { registries } from "./commands/registries.ts"
import { releases, rollback } from "./commands/releases.ts"
import { services } from "./commands/services.ts"
import { source } from "./commands/source/source.ts"
import { stacks } from "./commands/stacks/stacks.ts"
import { status } from "./commands/status.ts"
import { templates } from "./commands/templates/templates.ts"
import { workers } from "./commands/workers/workers.ts"
import { Json, Organization } from "./flags.ts"

/** The command line: all its commands, without what they run on. */
export const skypanel = Command.make("skypanel").pipe(
  Command.withDescription(
    [
      "Deploy services on SkyPanel and look after them, and after the workers that they run on.",
      "",
      "Uses the development platform of this directory (or one above, or of this checkout), or the one that",
      "SKYPANEL_URL and SKYPANEL_TOKEN name.",
      "",
      "Exit codes: 0 done, and ended well when waited for · 1 it ended badly: a deployment or upgrade that failed, a",
      "drain that was stopped, a check that found something · 2 wrong usage or refused input · 3 no platform, or it",
      "does not know you · 4 there is no such thing, or not now, or not for you · 5 --timeout passed, it goes on ·",
      "130 interrupted.",
    ].join("\n"),
  ),
  Command.withSubcommands([
    deploy,
    check,
    git,
    services,
    status,
    logs,
    start,
    stop,
    restart,
    redeploy,
    deleteService,
    deployments,
    cancel,
    builds,
    learned,
    releases,
    rollback,
    env,
    expressions,
    source,
    image,
    stacks,
    registries,
    templates,
    workers,
    cache,
    notifications,
    whoami,
  ]),
  Command.withGlobalFlags([Json, Organization]),
)
