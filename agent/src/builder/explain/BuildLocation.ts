import type { DeploymentFailure } from "@skypanel/contract/Deployment"

type Location = NonNullable<DeploymentFailure["location"]>

/** How compilers and interpreters say where a mistake is: file, line and, of most, column. */
const patterns: ReadonlyArray<RegExp> = [
  // TypeScript: src/a.ts(3,5): error TS2322
  /^(?<file>[^\s:()]+)\((?<line>\d{1,7}),(?<column>\d{1,7})\): error\b/,
  // TypeScript in colour, vue-tsc, Svelte: src/a.ts:3:5 - error
  /^(?<file>[^\s:()]+):(?<line>\d{1,7}):(?<column>\d{1,7}) - error\b/i,
  // Go, gcc, Ruby, Nix: main.go:7:2: undefined, app.rb:3: syntax error
  /^(?<file>[^\s:()]+):(?<line>\d{1,7}):(?:(?<column>\d{1,7}):)? \S/,
  // Node.js, above the line of source that it shows
  /^(?:file:\/\/)?(?<file>\/[^\s:()]+):(?<line>\d{1,7})$/,
  // esbuild, Vite, Rolldown, Vue: below the message
  /^\s*(?:file: |╭─\[ ?)?(?<file>[^\s:()[\]]+\.\w+):(?<line>\d{1,7}):(?<column>\d{1,7}):?(?: ?\])?$/,
  // Rust
  /^\s*--> (?<file>[^\s:()]+):(?<line>\d{1,7}):(?<column>\d{1,7})$/,
  // PHP
  / in (?<file>[^\s:()]+) on line (?<line>\d{1,7})$/,
  // A frame of a stack in JavaScript
  /^\s+at (?:.* \()?(?:file:\/\/)?(?<file>\/[^\s:()]+):(?<line>\d{1,7}):(?<column>\d{1,7})\)?$/,
]

const pythonFrame = /^\s*File "(?<file>[^"]+)", line (?<line>\d{1,7})/

/** The file's name in the repository; null when it is none of its files. */
const ofSource = (file: string): string | null => {
  const name = file.replace(/^\/build\/[^/]+\//, "").replace(/^(?:\.\/)+/, "")
  return /^\/|^node:|(?:^|\/)(?:\.\.|node_modules|vendor|site-packages)\/|^[^.]*$/.test(name) ? null : name
}

const locationIn = (line: string, pattern: RegExp): Location | null => {
  const found = pattern.exec(line)?.groups
  const file = found && ofSource(found.file!)
  return file ? { file, line: Number(found.line), column: Number(found.column ?? 1) } : null
}

/**
 * The first place in the repository's own files that the lines of a failed build name; of a traceback of Python's the last,
 * which is the innermost.
 */
export const buildLocation = (lines: ReadonlyArray<string>): Location | null => {
  let innermost: Location | null = null
  for (const line of lines) {
    if (line.length > 1000) continue
    const frame = locationIn(line, pythonFrame)
    if (frame !== null) innermost = frame
    else if (innermost !== null && /^\S/.test(line)) return innermost
    if (innermost !== null) continue
    for (const pattern of patterns) {
      const found = locationIn(line, pattern)
      if (found !== null) return found
    }
  }
  return innermost
}
