#!/usr/bin/env bash
# Builds the addon and compiles the TypeScript, if something changed since it last did. Downloads nothing: the
# packages must be installed (npm ci), and Node's headers are those that are installed with Node.
set -euo pipefail
cd "$(dirname "$0")"

stamp=build/.built
version=$(node --version)
# One at a time: two builds of the project may get here together.
exec 9>.build.lock
flock 9
if [ "$(cat $stamp 2>/dev/null)" = "$version" ] &&
  [ -z "$(find src native binding.gyp build.sh tsconfig.json package-lock.json ../cpp/src/kernel_lock* -newer $stamp -type f)" ]; then
  exit 0
fi
[ -x node_modules/.bin/node-gyp ] || { echo "runtime/typescript: no packages: scripts/setup --tests installs them" >&2; exit 1; }

# The prefix that has include/node/node_api.h: Debian's package libnode-dev, or the folder Node was unpacked to.
nodedir=
for prefix in "$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")" /usr /usr/local; do
  if [ -e "$prefix/include/node/node_api.h" ]; then nodedir=$prefix; break; fi
done
[ -n "$nodedir" ] || { echo "runtime/typescript: Node's headers are not installed (Debian: libnode-dev)" >&2; exit 1; }
found=$(node -p "
  const text = require('fs').readFileSync('$nodedir/include/node/node_version.h', 'utf8');
  'v' + ['MAJOR', 'MINOR', 'PATCH'].map((part) => text.match(new RegExp('NODE_' + part + '_VERSION (\\\\d+)'))[1]).join('.')")
[ "$found" = "$version" ] || echo "runtime/typescript: Node is $version, its headers are $found (N-API is stable: going on)" >&2

rm -f $stamp
node_modules/.bin/node-gyp rebuild --silent --nodedir="$nodedir"
rm -rf dist
node_modules/.bin/tsc
echo "$version" >$stamp
