/**
 * Which lines of a failed build say why, by the tools that print them: npm, TypeScript, Python, Go, gcc and friends,
 * Rust, make, shells. Each pattern also takes the few lines after its match that belong to it.
 */
const patterns: ReadonlyArray<readonly [pattern: RegExp, after: number]> = [
  [/^npm (?:ERR!|error)/, 0],
  [/\berror TS\d+:/, 2],
  [/^(?:\w*Error|\w*Exception)(?: \[\w+\])?: /, 1],
  // Node.js shows the line of source below where it is, Vite and esbuild the place below the message.
  [/^(?:file:\/\/)?\/build\/\S+:\d+$/, 3],
  [/^error during build:|\[(?:\w+_)?ERROR\]/, 4],
  [/^PHP (?:Parse|Fatal) error: /, 0],
  [/^\s*(?:Uncaught |Unhandled )?\w*Error: /, 3],
  [/^Traceback \(most recent call last\):/, 12],
  [/^ERROR:? /, 2],
  [/^\s*File "[^"]+", line \d+/, 2],
  [/^(?:\S+\.go|\S+\.(?:c|cc|cpp|h|hpp|rs|ts|js|nix)):\d+(?::\d+)?: /, 2],
  [/^go: /, 1],
  [/^error(?:\[E\d+\])?: /, 6],
  [/(?:fatal )?error: /i, 2],
  [/: undefined reference to /, 0],
  [/^make(?:\[\d+\])?: \*\*\*/, 0],
  [/: (?:command not found|not found|No such file or directory|Permission denied|cannot execute.*)$/, 0],
  [/^(?:FAIL|✗|✖|not ok)\b/, 3],
  [/^panic: /, 8],
  [/^Cannot find module|^Module not found/, 2],
  [/^substitut\w+.*(?:ERROR|error)/, 0],
]

const noise =
  /^(?:npm (?:ERR!|error)(?: A complete log of this run| {4}\S*_logs| *$)|note: |warning: |\s+at (?:.* \()?node:|\s*$)/

/**
 * At most `max` of the lines: those that match and what belongs to them, else the last ones. Their order stays.
 */
export const linesThatMatter = (lines: ReadonlyArray<string>, max = 40): ReadonlyArray<string> => {
  const chosen = new Set<number>()
  for (const [index, line] of lines.entries()) {
    if (noise.test(line)) continue
    const found = patterns.find(([pattern]) => pattern.test(line))
    if (!found) continue
    for (let at = index; at <= Math.min(index + found[1], lines.length - 1); at++) {
      if (!noise.test(lines[at]!)) chosen.add(at)
    }
  }
  const matching = [...chosen].sort((a, b) => a - b).map((index) => lines[index]!)
  if (matching.length === 0) return lines.filter((line) => line.trim() !== "").slice(-Math.min(max, 20))
  // The first error is the cause more often than the last one.
  return matching.slice(0, max)
}
