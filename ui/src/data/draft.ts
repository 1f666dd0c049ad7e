/** What somebody has typed and not yet sent, kept in this tab over reloads, errors and signing in again. */
export interface Draft<A> {
  read(): A | null
  write(value: A): void
  drop(): void
}

export const draft = <A>(key: string): Draft<A> => {
  const name = `skypanel.draft.${key}`
  return {
    read: () => {
      try {
        return JSON.parse(sessionStorage.getItem(name) ?? "null") as A | null
      } catch {
        return null
      }
    },
    write: (value) => {
      try {
        sessionStorage.setItem(name, JSON.stringify(value))
      } catch {
        // A full or forbidden storage costs only the draft.
      }
    },
    drop: () => {
      try {
        sessionStorage.removeItem(name)
      } catch {
        // as above
      }
    },
  }
}
