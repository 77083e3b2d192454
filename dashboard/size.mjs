// Fails when what a page loads first is heavier than it may be: node size.mjs
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT = 200 * 1024;
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

let heaviest = 0;
for (const [key, chunk] of Object.entries(manifest)) {
  if (chunk.isDynamicEntry || chunk.isEntry) {
    const weight = weigh(new Set([...needed("index.html"), ...needed(key)]));
    heaviest = Math.max(heaviest, weight);
    console.log(`${key}: ${(weight / 1024).toFixed(1)} KiB of script, compressed`);
  }
}
if (heaviest > LIMIT) {
  console.error(`A first load may have ${LIMIT / 1024} KiB: load what is not needed at once by import()`);
  process.exit(1);
}
