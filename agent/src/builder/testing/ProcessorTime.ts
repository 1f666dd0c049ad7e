/**
 * Milliseconds of processor time that something took. Hostile input is told by it, which takes minutes where it should
 * take none; unlike the clock it does not count what else the machine did meanwhile.
 */
export const processorTime = (run: () => unknown): number => {
  const from = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(from)
  return (user + system) / 1000
}
