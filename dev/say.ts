const started = Number(process.env.SKYPANEL_STARTED_AT ?? Date.now())

/** One line on the terminal, with the time since the command was typed. */
export const say = (line: string): void => {
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  process.stdout.write(`${seconds.padStart(6)} s  ${line}\n`)
}
