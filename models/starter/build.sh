#!/usr/bin/env bash
# Train the starter models from a folder of data sets and put them beside this script.
#   models/starter/build.sh DATA
# DATA holds emotion/, posts/ and comparisons/ as models/starter/README.md lists them.
set -euo pipefail
data=$(cd "${1:?usage: build.sh DATA}" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
export PRESCORE_HOME=${PRESCORE_HOME:-$(mktemp -d)}
# Large tensors come and go at every step; giving their pages back each time costs a third of it.
export MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TRIM_THRESHOLD_=4294967296

posts=(
    --posts posts/x-officials.parquet
    --posts posts/x-brands.parquet
    --posts posts/x-small-accounts.parquet
    --posts posts/x-leaders-multilingual.parquet
    --posts posts/facebook-news.parquet
)
comparisons=(
    --comparisons comparisons/wording-pairs.parquet
    --comparisons comparisons/headline-tests.parquet
)
terms=(
    --terms "brighter.parquet=CC BY 4.0 (BRIGHTER, Muhammad et al. 2025)"
    --terms "emobank.parquet=CC BY-SA 4.0 (EmoBank, Buechel & Hahn 2017)"
    --terms "headline-tests.parquet=CC BY 4.0 (Upworthy Research Archive, Matias et al. 2021)"
    --terms "wording-pairs.parquet=research (Tan, Lee & Pang 2014)"
    --terms "written.csv=Apache-2.0, written and rated by a language model for prescore"
)

mkdir -p "$PRESCORE_HOME"
cd "$data"
prescore train emotion emotion/brighter.parquet emotion/emobank.parquet \
    --encoder multilingual-e5-small \
    --auxiliary emotion/raw/goemotions \
    --auxiliary emotion/raw/xed \
    --auxiliary emotion/raw/clarin-emo-pl \
    "${terms[@]}" --json "$PRESCORE_HOME/emotion.json"

# The encoder goes on to learn how posts did and which wordings won: one encoder serves both models.
# That costs emotions a little, so the gate is not asked. Two runs: the mean of their weights errs less.
prescore train emotion emotion/brighter.parquet emotion/emobank.parquet --runs 2 \
    --auxiliary emotion/raw/goemotions \
    --auxiliary emotion/raw/xed \
    --auxiliary emotion/raw/clarin-emo-pl \
    "${posts[@]}" "${comparisons[@]}" "${terms[@]}" \
    --json "$PRESCORE_HOME/emotion-joint.json"
prescore promote emotion 2

# Posts written for prescore bring what the sets lack, the language of marketing and ratings in Polish: a head
# on the same encoder learns from them, and how Polish is spelt.
prescore train emotion emotion/brighter.parquet emotion/emobank.parquet --no-finetune \
    --auxiliary "$here/../../training/data/written.csv" \
    "${terms[@]}" --json "$PRESCORE_HOME/emotion-written.json"
prescore promote emotion 3

# A copy of the three topmost layers learns from them as well, for emotions alone: what the share model reads does
# not move. The gate is not asked: what that brings, people's labels in other languages do not show.
prescore train emotion emotion/brighter.parquet emotion/emobank.parquet --own-layers 3 \
    --auxiliary emotion/raw/goemotions \
    --auxiliary emotion/raw/xed \
    --auxiliary emotion/raw/clarin-emo-pl \
    --auxiliary "$here/../../training/data/written.csv" \
    "${terms[@]}" --json "$PRESCORE_HOME/emotion-own.json"
prescore promote emotion 4

prescore train share "${posts[@]}" "${comparisons[@]}" "${terms[@]}" --encoder-taught-here \
    --json "$PRESCORE_HOME/share.json"

cd "$here/../.."
python -m training.ship "$here"
