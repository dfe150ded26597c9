import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** The gateway whose API `npm run dev` uses. */
const gateway = process.env["TRACKLANE_URL"] ?? "http://127.0.0.1:8080";

/** The best compression of a file of this size that takes less than a second. */
function brotli(content: Buffer): Buffer {
  const quality = content.length < 500_000 ? 11 : 9;
  return brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } });
}

/** Writes compressed copies of every text of the build, which the gateway serves to browsers that accept them. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    writeBundle({ dir = "dist" }, bundle) {
      for (const name of Object.keys(bundle).filter((one) => /\.(js|css|html)$/.test(one))) {
        const content = readFileSync(join(dir, name));
        writeFileSync(join(dir, `${name}.br`), brotli(content));
        writeFileSync(join(dir, `${name}.gz`), gzipSync(content, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  plugins: [svelte(), compressed()],
  build: {
    target: "es2022",
    chunkSizeWarningLimit: 400,
    // Every supported browser preloads modules.
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ["index.html", "api-docs.html"], checks: { pluginTimings: false } },
  },
  worker: { format: "es" },
  server: { proxy: { "/api": { target: gateway, ws: true } } },
  test: { include: ["tests/unit/**/*.test.ts"], environment: "node" },
});
