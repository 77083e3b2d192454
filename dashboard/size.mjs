// Fails when what a page loads first is heavier than it may be: node size.mjs
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT = 200_000;
const DIST = new URL("dist/", import.meta.url);

const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", DIST), "utf8"));

/** A chunk and all that it can't run without. */
function needed(key, found = new Set()) {
  if (!found.has(key)) {
    found.add(key);
    (manifest[key].imports ?? []).forEach((one) => needed(one, found));
  }
  return found;
}

const weigh = (keys) =>
  [...keys].reduce((sum, key) => sum + gzipSync(readFileSync(new URL(manifest[key].file, DIST))).length, 0);

const pages = manifest["index.html"].dynamicImports;
const weights = pages.map((page) => [page, weigh(new Set([...needed("index.html"), ...needed(page)]))]);
for (const [page, weight] of weights) {
  console.log(`${page}: ${(weight / 1000).toFixed(1)} KB of script at first, compressed`);
}
if (weights.some(([, weight]) => weight > LIMIT)) {
  console.error(`A first load may have ${LIMIT / 1000} KB: load what is not needed at once by import()`);
  process.exit(1);
}
