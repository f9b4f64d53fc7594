#!/usr/bin/env bash
# The main job on a folder of labelled images, from labels to masks: `make run` calls it on samples/nuclei.
#
# usage: run-main-job.sh SAMDATA LABELLED-FOLDER OUTPUT
set -euo pipefail

samdata=$1
source=$2
out=$3

step() { printf '\n== %s\n' "$*"; }
run() {
    printf '$ samdata %s\n' "$*"
    "$samdata" "$@"
}

step "1 of 4: from COCO labels to shards; about a third of the images is kept apart"
run convert coco "$source/annotations.json" --images "$source/images" --split train=0.75,val=0.25 --seed 4 \
    -o "$out/shards" --force

step "2 of 4: are the labels any good?"
run audit "$source/annotations.json" --images "$source/images"

step "3 of 4: a small SAM learns from random weights; about four minutes on two cores"
run train "$out/shards/train" --val "$out/shards/val" --config "$source/train.yaml" -o "$out/run" --force

step "4 of 4: how good is it on the images that it has not seen?"
# The last checkpoint, not the best one: that was chosen on these very images.
run evaluate "$out/shards/val" --weights "$out/run/checkpoints/last" --before random --pictures "$out/pictures"

printf '\nLook at %s: labels, and what the model makes of boxes and of points, label outlines in white.\n' "$out/pictures"
