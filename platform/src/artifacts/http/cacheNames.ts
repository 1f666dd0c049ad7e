/** What a binary cache says of itself. Below 40, the public cache's priority, so that it is asked first. */
export const cacheInfo = "StoreDir: /nix/store\nWantMassQuery: 1\nPriority: 30\n"

/** The hash part in `<hash>.narinfo`; null when the name is another. */
export const narInfoHash = (name: string): string | null =>
  /^([0-9abcdfghijklmnpqrsvwxyz]{32})\.narinfo$/.exec(name)?.[1] ?? null
