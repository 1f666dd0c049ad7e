import { isDeepStrictEqual } from "node:util"

/** What a reference stood for when an instance was started: a text, or which version of a secret; never its value. */
export type Meaning = string | { readonly version: number }
/** By the reference, such as `db.password`. */
export type Meanings = Readonly<Record<string, Meaning>>

/** What references stand for after a revision, as far as that can change. */
export interface Facts {
  /** The ports that services answer at: of those that stay as they are, and of those that are deployed. */
  readonly ports: ReadonlyMap<string, { readonly now: number | null; readonly after: number | null }>
  /** The versions of secrets that are in force. */
  readonly secrets: ReadonlyMap<string, number>
}

const meaningAfter = (name: string, { ports, secrets }: Facts, deployed: ReadonlySet<string>) => {
  const version = secrets.get(name)
  if (version !== undefined) return { version }
  const [key = "", attribute] = name.split(".")
  const port = ports.get(key)
  if (attribute !== "port" || port === undefined) return undefined
  const after = deployed.has(key) ? port.after : (port.now ?? port.after)
  return after === null ? undefined : String(after)
}

/** Unknown is not so: an instance that was started before this was written down. */
const stillMeant = (meanings: Meanings | null, facts: Facts, deployed: ReadonlySet<string>) =>
  meanings !== null &&
  Object.entries(meanings).every(([name, meant]) => {
    const after = meaningAfter(name, facts, deployed)
    return after === undefined || isDeepStrictEqual(after, meant)
  })

/**
 * Those that are deployed, and with them those that run with what their references do not stand for any more. `started`:
 * for each service, what the references of its instances stood for; none of one that has no references.
 */
export const withStale = (
  deployed: ReadonlySet<string>,
  started: ReadonlyMap<string, ReadonlyArray<Meanings | null>>,
  facts: Facts,
): ReadonlySet<string> => {
  const all = new Set(deployed)
  const stale = () =>
    Array.from(started).filter(
      ([key, instances]) => !all.has(key) && !instances.every((one) => stillMeant(one, facts, all)),
    )
  for (let found = stale(); found.length > 0; found = stale()) for (const [key] of found) all.add(key)
  return all
}
