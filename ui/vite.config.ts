import { fileURLToPath } from "node:url"
import { defineConfig } from "vite"

/** Builds to `ui/dist`; the platform serves it, and in development mounts this same configuration as middleware. */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  build: {
    outDir: "dist",
    emptyOutDir: true,
    sourcemap: false,
    target: "es2024",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 600,
    // The polyfill is an inline script, which a strict content security policy refuses; our browsers need none.
    modulePreload: { polyfill: false },
  },
})
