/** So many digits of a lock file's digest tell it from others, here and on the command line. */
export const lockShort = (lock: string): string => lock.replace(/^sha256:/, "").slice(0, 12)
