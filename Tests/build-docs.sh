#!/usr/bin/env bash
# Builds the reference documentation of all library targets into .build/docs, with what the Swift toolchain ships.
#
#     Tests/build-docs.sh
#
# Documented is what one target offers to another: declarations with `package` access and above. A comment that DocC
# warns about (a link that leads nowhere, a parameter left out of a list of parameters) is an error.
set -euo pipefail
cd "$(dirname "$0")/.."

out=.build/docs
if ! command -v docc >/dev/null; then
    echo "docc is not on the PATH; it stands beside swift in the toolchains of https://swift.org/install." >&2
    exit 1
fi

# Library targets: folders of Swift files that are neither executables nor links to another target's sources.
targets=()
for folder in Sources/*; do
    name=${folder#Sources/}
    if [ -L "$folder" ] || [[ $name == samdata* ]]; then continue; fi
    if [ -n "$(find "$folder" -name '*.swift' -print -quit)" ]; then targets+=("$name"); fi
done

rm -rf "$out"
mkdir -p "$out/archives"
echo "Extracting the declarations of ${#targets[@]} targets"
swift package -c release dump-symbol-graph --minimum-access-level package --skip-synthesized-members >"$out/extract.log" 2>&1 ||
    { cat "$out/extract.log" >&2; exit 1; }
graphs=$(sed -n 's/^Files written to //p' "$out/extract.log")

# All targets are tried, so that one run shows everything there is to mend.
failed=()
for name in "${targets[@]}"; do
    mkdir -p "$out/graphs/$name"
    cp "$graphs/$name".symbols.json "$graphs/$name"@*.symbols.json "$out/graphs/$name" 2>/dev/null || true
    docc convert --additional-symbol-graph-dir "$out/graphs/$name" --output-path "$out/archives/$name.doccarchive" \
        --fallback-display-name "$name" --fallback-bundle-identifier "samdata.$name" \
        --fallback-default-module-kind Library --warnings-as-errors >&2 || failed+=("$name")
done
if [ ${#failed[@]} -gt 0 ]; then
    echo "Comments to mend in: ${failed[*]}" >&2
    exit 1
fi

docc merge "$out"/archives/*.doccarchive --synthesized-landing-page-name samdata \
    --synthesized-landing-page-kind "Swift package" --output-path "$out/samdata.doccarchive" >/dev/null
rm -rf "$out/archives" "$out/graphs" "$out/extract.log"
echo "The documentation is in $out/samdata.doccarchive. It needs a web server, any will do:"
echo "    python3 -m http.server --directory $out/samdata.doccarchive    # then http://localhost:8000/documentation"
