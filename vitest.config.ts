import { defineConfig } from "vitest/config"

const folders = "{contract,platform,agent,ui,cli,dev,templates,nixos,test,bench}"
const tests = `${folders}/**/*.test.ts`
const integrationTests = `${folders}/**/*.integration.test.ts`
const exclude = ["**/node_modules/**", "**/dist/**"]

/** Under Deno only the agent's tests run: it is the program that has to run there as well. */
const onDeno = "deno" in process.versions

export default defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 120_000,
    projects: onDeno
      ? [
          {
            extends: true,
            test: { name: "deno", include: ["agent/**/*.test.ts"], exclude, fileParallelism: false },
          },
        ]
      : [
          {
            extends: true,
            test: { name: "unit", include: [tests], exclude: [...exclude, integrationTests] },
          },
          {
            extends: true,
            // They start engines, databases and builds: one at a time.
            test: { name: "integration", include: [integrationTests], exclude, fileParallelism: false },
          },
        ],
  },
})
