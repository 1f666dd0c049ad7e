import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["{contract,platform,agent,ui,cli,dev,templates,nixos,test}/**/*.test.ts"],
    exclude: ["**/node_modules/**"],
    testTimeout: 20_000,
    hookTimeout: 120_000,
  },
})
