import type { LogLine } from "@skypanel/contract/Log"
import { client } from "./client.ts"
import { type Follower, subscribe } from "./subscription.ts"

/** The trial build of a template's version, or of one service of a stack's. */
export interface TrialOf {
  readonly organization: string
  readonly template: string
  readonly number: number
  /** Of a stack. */
  readonly service: string | null
}

const open = ({ service, ...params }: TrialOf, last: number | null) => {
  const query = last === null ? {} : { after: last }
  return service === null
    ? client.templates.followTrial({ params, query })
    : client.stackTemplates.followTrial({ params: { ...params, service }, query })
}

/** What a trial writes, from its first line to its end, over as many connections as that takes. */
export const followTrial = (
  of: TrialOf,
  isOver: () => boolean,
  follower: Follower<LogLine>,
): (() => void) => {
  let last: number | null = null
  return subscribe(() => open(of, last), {
    ...follower,
    items: (lines) => {
      const fresh = lines.filter((line) => last === null || line.seq > last)
      last = fresh.at(-1)?.seq ?? last
      if (fresh.length > 0) follower.items(fresh)
    },
    // The stream also ends when the platform goes away; only a trial that has ended writes no more.
    again: async () => !isOver(),
  })
}
