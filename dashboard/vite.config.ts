import { fileURLToPath } from "node:url";

import optimizeLocales from "@react-aria/optimize-locales-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const CONTRACTS = fileURLToPath(new URL("../contracts/events.gen.ts", import.meta.url));

/** Where `npm run dev` sends what is not a file of ours: a clinic started with `clinicwire up`. */
const CLINIC = process.env["CLINICWIRE_URL"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  // Of the library's own texts, those in our two languages.
  plugins: [react(), { ...optimizeLocales.vite({ locales: ["en-US", "ar-AE"] }), enforce: "pre" }],
  resolve: { alias: { "@contracts": CONTRACTS } },
  build: {
    manifest: true,
    // No data: addresses for fonts or pictures, no inline script: the page's content policy allows neither.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
  },
  server: { proxy: { "/api": CLINIC, "/socket.io": { target: CLINIC, ws: true } } },
  test: {
    environment: "jsdom",
    setupFiles: ["src/app/setup.fixture.ts"],
    restoreMocks: true,
    testTimeout: 60_000,
  },
});
