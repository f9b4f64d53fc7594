#!/usr/bin/env bash
# Does it learn? `make study` trains nano from random weights on dsb2018 (microscopy of nuclei), then fine-tunes the result
# on other real sets by four routes, and prints one table a set: Dice before and after with intervals, time, memory, size.
#
# usage: run-study.sh SAMDATA DATA OUTPUT
#
# DATA is ../shared/data, which is not part of the project; without it nothing is done. What is in OUTPUT already is not made
# again: remove the folder to begin anew. The environment changes its size:
#   STUDY_SETS         sets to fine-tune on: photos (tiny-coco38), pores (lpbf), facades (facade); default: the last two
#   STUDY_ROUTES       choices of what is trained, default: decoder decoder+lora last-2-blocks full
#   STUDY_EPOCHS       epochs from random weights, default 10
#   STUDY_TUNE_EPOCHS  epochs of fine-tuning, default 50: of four images a set has, 200 steps; a quarter of that where images
#                      were cut into tiles, of which there are many more
set -euo pipefail

samdata=$(realpath "$1")
data=$2
out=$3
here=$(dirname "$(realpath "$0")")
sets=${STUDY_SETS:-pores facades}
routes=${STUDY_ROUTES:-decoder decoder+lora last-2-blocks full}
epochs=${STUDY_EPOCHS:-10}
tune_epochs=${STUDY_TUNE_EPOCHS:-50}

if [ ! -e "$data/dsb2018.tar.xz" ]; then
    echo "The study needs real data in $data (dsb2018.tar.xz and others; see its SOURCES.tsv), which is not part of samdata. Nothing was done." >&2
    exit 1
fi
data=$(realpath "$data")
mkdir -p "$out"

step() { printf '\n== %s\n' "$*"; }
run() {
    printf '$ samdata %s\n' "$*"
    "$samdata" "$@"
}
# The value at a path of a JSON file: value FILE results.1.box.all.dice
value() { awk -f "$here/flatten-json.awk" "$1" | awk -F '\t' -v path="$2" '$1 == path { print $2; exit }'; }

step "labels of nuclei: from masks to shards"
if [ ! -e "$out/nuclei/train/manifest.json" ]; then
    rm -rf "$out/dsb2018"
    tar -xJf "$data/dsb2018.tar.xz" -C "$out"
    run convert masks "$out/dsb2018" --category nucleus --to shards --split train=0.85,val=0.15 -o "$out/nuclei"
    rm -rf "$out/dsb2018"
fi

step "nano from random weights, $epochs epochs"
if [ ! -e "$out/scratch.json" ]; then
    run train "$out/nuclei/train" --val "$out/nuclei/val" --config "$here/../../samples/nuclei/train.yaml" \
        --epochs "$epochs" --set max-minutes=null --set validate-every=5 --set report=false --force --json -o "$out/scratch" >"$out/scratch.part"
    mv "$out/scratch.part" "$out/scratch.json"
fi
start="$out/scratch/checkpoints/last"
run evaluate "$out/nuclei/val" --weights "$start" --before random

# Shards of a set, with the images apart that are measured on.
shards() {
    local set=$1
    [ ! -e "$out/$set/val/manifest.json" ] || return 0
    case $set in
    photos)
        run convert coco "$data/tiny-coco38/annotations/instances_train2017.json" \
            --images "$data/tiny-coco38/images/train2017" -o "$out/$set/train" --force
        run convert coco "$data/tiny-coco38/annotations/instances_val2017.json" \
            --images "$data/tiny-coco38/images/val2017" -o "$out/$set/val" --force
        ;;
    pores)
        # Pores have seven pixels of 600: at nano's 256 pixels they would be lost, so the images are cut.
        run convert coco "$data/lpbf/test/_annotations.coco.json" --images "$data/lpbf/test/images" --tile 128 \
            --split train=0.5,val=0.5 --seed 1 -o "$out/$set" --force
        ;;
    facades)
        # The images lie in two folders; this seed leaves four to learn from and three to measure on.
        mkdir -p "$out/facade-images"
        cp "$data"/facade/valid/*.jpg "$data"/facade/valid/images/*.jpg "$out/facade-images"
        run convert coco "$data/facade/valid/_annotations.coco.json" --images "$out/facade-images" \
            --split train=0.5,val=0.5 --seed 5 -o "$out/$set" --force
        ;;
    *)
        echo "no set is called $set: photos, pores, facades" >&2
        exit 64
        ;;
    esac
}

tuning() { case $1 in pores) echo $((tune_epochs / 4)) ;; *) echo "$tune_epochs" ;; esac }

# Few parameters bear, and need, a higher rate than many.
rate() { case $1 in decoder*) echo 1e-3 ;; *) echo 5e-4 ;; esac }

for set in $sets; do
    step "$set"
    shards "$set"
    for route in $routes; do
        folder="$out/$set/$route"
        if [ ! -e "$folder.json" ]; then
            run train "$out/$set/train" --weights "$start" --preset "$route" --epochs "$(tuning "$set")" \
                --learning-rate "$(rate "$route")" --accumulate 1 \
                --set report=false --force --quiet --json -o "$folder" >"$folder.part"
            run evaluate "$out/$set/val" --weights "$folder/checkpoints/last" --before "$start" --quiet --json \
                >"$folder.evaluation.json"
            mv "$folder.part" "$folder.json"
        fi
    done
done

for set in $sets; do
    images=$(value "$out/$set/${routes%% *}.json" images)
    step "$set: trained on $images images for $(tuning "$set") epochs; Dice of other images, with intervals of 95 %"
    printf '%-14s %-6s %-20s %-20s %-22s %8s %9s %9s\n' route prompt before after change time memory saved
    for route in $routes; do
        folder="$out/$set/$route"
        seconds=$(value "$folder.json" seconds)
        memory=$(value "$folder.json" peak_memory_bytes)
        # What one would hand on: the weights alone, without the optimiser's state.
        saved=$(find -L "$folder/checkpoints/last" -name '*.safetensors' ! -name 'optimizer*' -printf '%s\n' |
            awk '{ sum += $1 } END { print sum + 0 }')
        awk -f "$here/flatten-json.awk" "$folder.evaluation.json" |
            awk -F '\t' -v route="$route" -v seconds="$seconds" -v memory="$memory" -v saved="$saved" \
                -f "$here/study-rows.awk"
    done
done
