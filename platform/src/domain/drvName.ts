export interface PackageName {
  readonly name: string
  readonly version: string | null
}

/** As Nix' `builtins.parseDrvName`: the version begins after the first dash that no letter follows. */
export const parseDrvName = (text: string): PackageName => {
  const dash = /-(?=[^a-zA-Z])/.exec(text)
  return dash === null
    ? { name: text, version: null }
    : { name: text.slice(0, dash.index), version: text.slice(dash.index + 1) }
}
