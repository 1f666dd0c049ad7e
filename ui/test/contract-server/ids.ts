export type Writable<T> = { -readonly [K in keyof T]: T[K] }

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
let counter = 0

/** An id that the contract takes; later ones sort behind earlier ones, as real ones do. */
export const fakeId = (prefix: string): never => {
  counter += 1
  let rest = counter
  let text = ""
  for (let at = 0; at < 24; at += 1) {
    text = alphabet[rest % 32] + text
    rest = Math.floor(rest / 32)
  }
  return `${prefix}_${text}` as never
}

export const now = (): string => new Date().toISOString()
export const minutesAgo = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString()
