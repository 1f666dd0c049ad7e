/** So many digits tell a digest from others, and are enough to name it by. */
export const shortDigest = (digest: string): string => digest.replace(/^sha256:/, "").slice(0, 12)
