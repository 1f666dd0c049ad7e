/** What a rollback does not bring back. */
export const secretsOfNow = (names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.length === 0
    ? []
    : [`${names.join(", ")} ${names.length === 1 ? "is" : "are"} used as of now: the value of then is gone.`]
