import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

declare const process: { env: Record<string, string | undefined> };
const gateway = process.env["TRACKLANE_URL"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [svelte()],
  build: { target: "es2022", sourcemap: false, chunkSizeWarningLimit: 400 },
  worker: { format: "es" },
  server: { proxy: { "/api": { target: gateway, ws: true } } },
  test: { include: ["tests/unit/**/*.test.ts"], environment: "node" },
});
