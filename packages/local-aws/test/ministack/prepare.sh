#!/usr/bin/env bash
# prepare.sh PACKAGE [FOLDER]: installs what FOLDER/PACKAGE.txt lists (FOLDER: this one, which has
# ministack and awscli) once, outside the checkout, and prints the path of its Python. Says so loudly and prints nothing where Python, venv or the package registry is missing.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
package=$1
list=${2:-$here}/$package.txt
version=$(sed -n "s/^$package==\([^ ]*\).*/\1/p" "$list")
folder=${XDG_CACHE_HOME:-$HOME/.cache}/rollup-vault/$package-$version
log=$(mktemp)
trap 'rm -f "$log"' EXIT

install() {
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' &&
    python3 -m venv "$1" &&
    timeout 300 "$1/bin/python" -m pip install --quiet --retries 2 --timeout 30 \
      --require-hashes --only-binary :all: -r "$list"
}

if [ ! -x "$folder/bin/python" ]; then
  mkdir -p "$(dirname "$folder")"
  new=$(mktemp -d "$folder.XXXXXX")
  # Complete or absent: a folder that exists is one whose installation has succeeded, here or in
  # another process meanwhile.
  install "$new" >"$log" 2>&1 && mv -T "$new" "$folder" 2>>"$log"
  rm -rf "$new"
  if [ ! -x "$folder/bin/python" ]; then
    tail -3 "$log" >&2
    printf '!! %s %s cannot be installed here: what needs it is skipped\n' "$package" "$version" >&2
    exit 0
  fi
fi
printf '%s\n' "$folder/bin/python"
