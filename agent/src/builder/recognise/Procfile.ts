/** A Procfile's processes in its order (`<type>: <command>` a line); lines that are none are left out, as Heroku does. */
export const procfileProcesses = (text: string): ReadonlyMap<string, string> => {
  const processes = new Map<string, string>()
  for (const line of text.replaceAll("\r\n", "\n").split("\n")) {
    const found = /^([A-Za-z0-9_-]+)[ \t]*:[ \t]*(\S.*)$/.exec(line)
    if (found && !processes.has(found[1]!)) processes.set(found[1]!, found[2]!.trimEnd())
  }
  return processes
}
