import { Effect, Schema } from "effect"
import { readSystemFile, writeSystemFile } from "../systemFiles.ts"

export class BridgeFilterError extends Schema.TaggedError<BridgeFilterError>()("BridgeFilterError", {
  reason: Schema.String,
}) {}

/** Of the network that this process is in. */
const switches = [
  "/proc/sys/net/bridge/bridge-nf-call-iptables",
  "/proc/sys/net/bridge/bridge-nf-call-ip6tables",
]

/**
 * Containers of one worker are on one bridge, and what goes from one to the other there meets the packet filter only
 * while the kernel hands it over. The engine switches that on when it makes the bridge; some guides say to switch it
 * off. Gives the switches that were off, and has switched them on.
 */
export const bridgesAreFiltered = (
  files: ReadonlyArray<string> = switches,
): Effect.Effect<ReadonlyArray<string>, BridgeFilterError> =>
  Effect.gen(function* () {
    const off: Array<string> = []
    for (const file of files) {
      const value = yield* Effect.try({
        try: () => readSystemFile(file),
        catch: () =>
          new BridgeFilterError({
            reason: `${file} is not there: load the kernel module br_netfilter (modprobe br_netfilter)`,
          }),
      })
      if (value.trim() === "1") continue
      off.push(file)
      yield* Effect.try({
        try: () => writeSystemFile(file, "1\n"),
        catch: (error) =>
          new BridgeFilterError({
            reason: `${file} is ${value.trim()} and cannot be set to 1: ${(error as Error).message}`,
          }),
      })
    }
    return off
  })
