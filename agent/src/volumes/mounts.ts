/** What is mounted where, of a mountinfo file (proc(5)); the last mount at a place is the one that is seen. */
export const mountsOf = (mountinfo: string): ReadonlyMap<string, string> =>
  new Map(
    mountinfo
      .split("\n")
      .filter((line) => line.includes(" - "))
      .map((line) => {
        const [own = "", source = ""] = line.split(" - ")
        const decode = (text = "") =>
          text.replace(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8)))
        return [decode(own.split(" ")[4]), decode(source.split(" ")[1])] as const
      }),
  )
