/** What a marker of PEP 508 is asked about. */
export type Environment = Readonly<Record<string, string>>

/** Longer ones are nobody's; they would be read again and again. */
const charactersMax = 2000
const nestingMax = 30

const numbersOf = (version: string): ReadonlyArray<number> | null =>
  /^\d{1,6}(?:\.\d{1,6}){0,5}$/.test(version) ? version.split(".").map(Number) : null

const compareNumbers = (one: ReadonlyArray<number>, other: ReadonlyArray<number>): number => {
  for (let index = 0; index < Math.max(one.length, other.length); index++) {
    const difference = (one[index] ?? 0) - (other[index] ?? 0)
    if (difference !== 0) return Math.sign(difference)
  }
  return 0
}

const ordered: Readonly<Record<string, (order: number) => boolean>> = {
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  "==": (order) => order === 0,
  "===": (order) => order === 0,
  "!=": (order) => order !== 0,
  ">=": (order) => order >= 0,
  ">": (order) => order > 0,
}

/** `3.11.*` is every version that begins so, `~= 3.11.2` everything from there on with the same beginning. */
const compareVersions = (
  left: ReadonlyArray<number>,
  operator: string,
  right: string,
): boolean | undefined => {
  const isPrefix = right.endsWith(".*")
  const numbers = numbersOf(isPrefix ? right.slice(0, -2) : right)
  if (numbers === null) return undefined
  const begins = (length: number) =>
    compareNumbers(left.slice(0, length), numbers.slice(0, length)) === 0 && left.length >= length
  if (isPrefix) return operator === "!=" ? !begins(numbers.length) : begins(numbers.length)
  if (operator === "~=") return compareNumbers(left, numbers) >= 0 && begins(numbers.length - 1)
  return ordered[operator]?.(compareNumbers(left, numbers))
}

const compare = (left: string, operator: string, right: string): boolean => {
  if (operator === "in") return right.includes(left)
  if (operator === "not in") return !right.includes(left)
  const numbers = numbersOf(left)
  const found = numbers === null ? undefined : compareVersions(numbers, operator, right)
  return found ?? ordered[operator]?.(left === right ? 0 : left < right ? -1 : 1) ?? false
}

const token = /\s*(\(|\)|"[^"]*"|'[^']*'|not\s+in\b|[A-Za-z_][\w.]*|[<>=!~]{1,3})/y

const tokensOf = (text: string): ReadonlyArray<string> | null => {
  const tokens: Array<string> = []
  token.lastIndex = 0
  while (token.lastIndex < text.trimEnd().length) {
    const found = token.exec(text)
    if (found === null) return null
    tokens.push(found[1]!.replace(/^not\s+in$/, "not in"))
  }
  return tokens
}

/** Whether it holds; null when it is no marker. */
const evaluate = (text: string, environment: Environment): boolean | null => {
  const tokens = text.length > charactersMax ? null : tokensOf(text)
  if (tokens === null) return null
  let at = 0
  const value = (): string | null => {
    const found = tokens[at++]
    if (found === undefined) return null
    if (/^["']/.test(found)) return found.slice(1, -1)
    return Object.hasOwn(environment, found) ? environment[found]! : null
  }
  const single = (depth: number): boolean | null => {
    if (tokens[at] === "(") {
      at++
      const inner = depth > nestingMax ? null : either(depth + 1)
      return tokens[at++] === ")" ? inner : null
    }
    const left = value()
    const operator = tokens[at++]
    const right = value()
    if (left === null || operator === undefined || right === null) return null
    const isTurned = /^["']/.test(tokens[at - 3]!) && numbersOf(right) !== null && /^[<>]/.test(operator)
    if (!isTurned) return compare(left, operator, right)
    return compare(
      right,
      operator.replace(/^[<>]/, (sign) => (sign === "<" ? ">" : "<")),
      left,
    )
  }
  const all = (depth: number): boolean | null => {
    let holds = single(depth)
    while (holds !== null && tokens[at] === "and") {
      at++
      const next = single(depth)
      holds = next === null ? null : holds && next
    }
    return holds
  }
  const either = (depth: number): boolean | null => {
    let holds = all(depth)
    while (holds !== null && tokens[at] === "or") {
      at++
      const next = all(depth)
      holds = next === null ? null : holds || next
    }
    return holds
  }
  const holds = either(0)
  return at === tokens.length ? holds : null
}

/**
 * Whether what has this marker is needed with a Python such as `3.11`. Its last number is not known before it is
 * evaluated: what either the first or the last of them needs is taken. What is no marker holds.
 */
export const markerHolds = (
  marker: string,
  { python, cpu, extra }: { readonly python: string; readonly cpu: string; readonly extra: string },
): boolean =>
  ["0", "99"].some(
    (micro) =>
      evaluate(marker, {
        python_version: python,
        python_full_version: `${python}.${micro}`,
        os_name: "posix",
        sys_platform: "linux",
        platform_machine: cpu === "arm64" ? "aarch64" : "x86_64",
        platform_python_implementation: "CPython",
        platform_release: "",
        platform_system: "Linux",
        platform_version: "",
        implementation_name: "cpython",
        implementation_version: `${python}.${micro}`,
        extra,
        // What a pylock.toml is asked for: what is installed when nobody says anything.
        extras: "",
        dependency_groups: "default main",
      }) !== false,
  )
