#!/bin/bash
# The web server that a test reads shards from: where none is installed, Debian's is unpacked into a folder of the build.
# Nothing is installed and no service is started. Without it that one test is skipped, and says so.
#
# usage: unpack-nginx.sh FOLDER
set -euo pipefail

folder=$1
program=$folder/usr/sbin/nginx
if command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || [ -x "$program" ]; then exit 0; fi

skip() {
    echo "nginx: $1; the test that reads shards from it is skipped." >&2
    exit 0
}
command -v apt-get >/dev/null && command -v dpkg >/dev/null || skip "there is no apt-get to fetch it with"

mkdir -p "$folder"
download() { (cd "$folder" && apt-get download -q nginx >/dev/null 2>&1); }
if ! download; then
    # The lists of packages may be missing, or old.
    if [ "$(id -u)" -eq 0 ]; then apt-get update -qq >/dev/null 2>&1 || true
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo apt-get update -qq >/dev/null 2>&1 || true
    fi
    download || skip "it cannot be fetched"
fi
dpkg -x "$folder"/nginx_*.deb "$folder"
rm -f "$folder"/nginx_*.deb
"$program" -v 2>/dev/null || { rm -f "$program"; skip "it does not run here"; }
