/** What a rollback does not bring back. */
export const secretsOfNow = (names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.length === 0
    ? []
    : [
        `${names.join(", ")} ${names.length === 1 ? "was" : "were"} rotated since: the value of now is used, not the one of then.`,
      ]
