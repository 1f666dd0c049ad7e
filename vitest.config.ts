import { defineConfig } from "vitest/config"

const folders = "{contract,platform,agent,ui,cli,dev,templates,nixos,test,bench}"
const tests = `${folders}/**/*.test.ts`
const integrationTests = `${folders}/**/*.integration.test.ts`
const exclude = ["**/node_modules/**", "**/dist/**"]
/** They need a database at the most; those of a scripted fleet wait for its deadlines as well. */
const databaseTests = "platform/src/**/*.integration.test.ts"
const scriptedFleetTests = "platform/src/fleet/**"
/** They have deadlines that another test beside them would make them miss. */
const fleetTests = "test/fleet/**"
const globalSetup = "test/lab/wholeRun/setup.ts"

/**
 * Under Deno, where the agent has to run as well, its tests run again that depend on the runtime: files, streams,
 * processes, sockets. Pure functions do not, as the same engine runs them; nor does what Nix, HAProxy or the kernel do
 * with what they were given.
 */
const onDeno = "deno" in process.versions
const runtimeTests = [
  "agent/**/*.integration.test.ts",
  "agent/src/builder/{NixExpression,Programs,Recogniser,SourceTree,StartCommand,Upload}.test.ts",
  "agent/src/builder/dockerfile/{LayerCaches,SavedImage}.test.ts",
  "agent/src/builder/image/FetchLayer.test.ts",
  "agent/src/command/*.test.ts",
  "agent/src/desired/DesiredState.test.ts",
  "agent/src/firewall/bridgeFilter.test.ts",
  "agent/src/observer/{Health,Probe}.test.ts",
  "agent/src/swarm/ownAddress.test.ts",
]
const othersTests = [
  "agent/src/builder/Bad*.integration.test.ts",
  "agent/src/builder/{EvaluationStores,HostFolders,Hostile,HostileSource,Leftovers}.integration.test.ts",
  "agent/src/builder/{Neighbours,TemplateOptions}.integration.test.ts",
  "agent/src/builder/dockerfile/HostileDockerfile.integration.test.ts",
  "agent/src/edge/{DeadPeer,EdgePeers,Failover,MapConsistency,PeerLimits}.integration.test.ts",
  "agent/src/firewall/{PacketFilter,bootRules}.integration.test.ts",
]

export default defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 120_000,
    restoreMocks: true,
    projects: onDeno
      ? [
          {
            extends: true,
            test: {
              name: "deno",
              include: runtimeTests,
              exclude: [...exclude, ...othersTests],
              fileParallelism: false,
            },
          },
        ]
      : [
          {
            extends: true,
            test: {
              name: "unit",
              include: [tests],
              exclude: [...exclude, integrationTests],
              globalSetup,
              // Most of their time would go to loading the same modules anew for each file.
              isolate: false,
            },
          },
          {
            extends: true,
            test: {
              name: "database",
              include: [databaseTests],
              exclude: [...exclude, scriptedFleetTests],
              globalSetup,
              isolate: false,
            },
          },
          {
            extends: true,
            test: {
              name: "integration",
              include: [
                integrationTests.replace("platform,", ""),
                `${scriptedFleetTests}/*.integration.test.ts`,
              ],
              exclude: [...exclude, fleetTests],
              globalSetup,
            },
          },
          {
            extends: true,
            test: {
              name: "fleet",
              include: [`${fleetTests}/*.integration.test.ts`],
              exclude,
              globalSetup,
              fileParallelism: false,
            },
          },
        ],
  },
})
