import { steadySeconds } from "@skypanel/contract/Service"
import type { ProbeResult } from "./Probe.ts"

/** What is seen of a container without a port: its process alone. */
export const steadiness = (isSteady: boolean): ProbeResult => ({
  healthy: isSteady,
  words: isSteady
    ? `its process has stayed up for ${steadySeconds} s`
    : `its process has to stay up for ${steadySeconds} s`,
})

/** Until it has been up for long enough, in milliseconds. Never more than the whole time, wherever the clock was set. */
export const msUntilSteady = (startedAt: string, now: number): number => {
  const whole = steadySeconds * 1000
  return Math.min(whole, Math.max(0, Date.parse(startedAt) + whole - now))
}
