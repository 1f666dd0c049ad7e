/** Colours for one output stream, or none of them. */
export interface Style {
  readonly colours: boolean
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly red: (text: string) => string
  readonly green: (text: string) => string
  readonly yellow: (text: string) => string
  readonly cyan: (text: string) => string
}

const sgr = (on: number, off: number) => (text: string) => `\u001b[${on}m${text}\u001b[${off}m`
const same = (text: string) => text

export const plainStyle: Style = {
  colours: false,
  bold: same,
  dim: same,
  red: same,
  green: same,
  yellow: same,
  cyan: same,
}

export const colourStyle: Style = {
  colours: true,
  bold: sgr(1, 22),
  dim: sgr(2, 22),
  red: sgr(31, 39),
  green: sgr(32, 39),
  yellow: sgr(33, 39),
  cyan: sgr(36, 39),
}

/** Colours only for a terminal that shows them to somebody who wants them (https://no-color.org). */
export const styleFor = (
  isTerminal: boolean,
  environment: { readonly [name: string]: string | undefined },
): Style => {
  const unwanted = (environment.NO_COLOR ?? "") !== "" || environment.TERM === "dumb"
  return isTerminal && !unwanted ? colourStyle : plainStyle
}
