#!/usr/bin/env bash
# Checks that the kernels of one CPU level cannot end up in another level's place.
#
#     Tests/check-kernel-symbols.sh BUILD_DIR      such as .build/release
#
# The same sources are compiled three times, for x86-64, x86-64-v3 and x86-64-v4. Their own functions carry the module's
# name and cannot clash. What the compiler takes from elsewhere (a generic function of the standard library specialised
# for SIMD8, a protocol witness accessor) has one name whoever compiles it, as a weak symbol: the linker keeps any one of
# the copies. Should that be the one with AVX-512 instructions, the baseline dies of an illegal instruction on an older
# machine, where nobody tests it. So no weak function of a kernel module may be defined by another object of the build.
#
# Weak data (nm's V: reflection versions, metadata caches) hold no instructions: every copy is as good as another.
set -euo pipefail

build=${1:?"give the build directory, such as .build/release"}
variants=(KernelsBaseline KernelsV3 KernelsV4)
command -v nm >/dev/null || { echo "$0 needs nm (package binutils)." >&2; exit 1; }

# Module and name of each weak function that a module's objects define.
weak_functions() {
    nm --defined-only --format=posix "$build/$1.build"/*.o | awk -v module="$1" '$2 == "W" { print module, $1 }' | sort -u
}

for variant in "${variants[@]}"; do
    functions=$(nm --defined-only --format=posix "$build/$variant.build"/*.o 2>/dev/null | awk '$2 == "T"' | wc -l) || true
    if [ "$functions" -eq 0 ]; then
        echo "$build/$variant.build has no objects with functions. Build first: swift build -c release" >&2
        exit 1
    fi
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for variant in "${variants[@]}"; do weak_functions "$variant"; done >"$scratch/kernels"
for folder in "$build"/*.build; do
    module=$(basename "$folder" .build)
    if compgen -G "$folder/*.o" >/dev/null; then weak_functions "$module"; fi
done >"$scratch/all"

# A kernel's weak function that a second module defines as well.
awk 'NR == FNR { kernel[$2]; next } $2 in kernel { count[$2]++; modules[$2] = modules[$2] " " $1 }
     END { for (name in count) if (count[name] > 1) print name modules[name] }' \
    "$scratch/kernels" "$scratch/all" | sort >"$scratch/clashes"

if [ -s "$scratch/clashes" ]; then
    echo "Functions of the kernels that the linker may take from another CPU level:" >&2
    while read -r name modules; do
        echo "  $(swift demangle --compact "$name" 2>/dev/null || echo "$name")" >&2
        echo "      $name, defined in: $modules" >&2
    done <"$scratch/clashes"
    echo "Sources/Kernels/NOTES.md says which constructs bring them in." >&2
    exit 1
fi
echo "Kernel symbols: $(wc -l <"$scratch/kernels") weak functions in ${variants[*]}, none of them shared."
