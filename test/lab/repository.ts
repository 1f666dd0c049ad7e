import { openGitServer } from "./gitServer.ts"

export interface TestRepository {
  readonly url: string
  /** Commits these files on `main` and gives the commit's id. */
  readonly commit: (files: Readonly<Record<string, string>>) => Promise<string>
  readonly close: () => Promise<void>
}

/** One Git repository of a test's own, on a server of its own. */
export const makeRepository = async (): Promise<TestRepository> => {
  const server = await openGitServer()
  return {
    url: `${server.origin}/app/.git`,
    commit: async (files) => (await server.commit("app", files)).commit,
    close: server.close,
  }
}
