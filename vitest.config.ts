import { defineConfig } from "vitest/config"

const folders = "{contract,platform,agent,ui,cli,dev,templates,nixos,test,bench}"
const tests = `${folders}/**/*.test.ts`
const integrationTests = `${folders}/**/*.integration.test.ts`
const exclude = ["**/node_modules/**", "**/dist/**"]
/** They need a database at the most: several at a time. A fleet's have deadlines that another one would make it miss. */
const databaseTests = "platform/src/**/*.integration.test.ts"
const fleetTests = "platform/src/fleet/**"

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
            test: { name: "database", include: [databaseTests], exclude: [...exclude, fleetTests] },
          },
          {
            extends: true,
            // They start engines and builds: one at a time.
            test: {
              name: "integration",
              include: [integrationTests.replace("platform,", ""), `${fleetTests}/*.integration.test.ts`],
              exclude,
              fileParallelism: false,
            },
          },
        ],
  },
})
