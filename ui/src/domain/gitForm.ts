/** Whether a repository is fetched over ssh: by a deploy key, and not by a token. */
export const isOverSsh = (url: string): boolean =>
  /^(?:ssh:\/\/|[A-Za-z0-9._-]+@[^/]+:(?!\/\/))/.test(url.trim())
