#!/usr/bin/env bash
# Builds the wheel and tries it in a fresh virtual environment.
#
#     python/build-wheel.sh [DIR]      the wheel goes to DIR, by default target/wheels
#
# Needs Python 3.8 or later and Rust; maturin is installed where it is not there.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-target/wheels}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

maturin=$(command -v maturin || true)
if [ -z "$maturin" ]; then
    python3 -m venv "$work/build"
    "$work/build/bin/pip" install --quiet 'maturin>=1.8,<2'
    maturin=$work/build/bin/maturin
fi
"$maturin" build --release --locked --out "$out"
wheel=$(ls -t "$out"/corpus_clean-*.whl | head -1)

python3 -m venv "$work/try"
"$work/try/bin/pip" install --quiet --no-index "$wheel"
PATH=$work/try/bin:$PATH
# What a page says comes out, and the program is the one of the wheel.
[ "$(command -v clean)" = "$work/try/bin/clean" ]
clean --version --verbose
printf 'CrÃ¨me brÃ»lÃ©e et thÃ© vert Ã  la menthe\n' | clean -q --format text
ls -lh "$wheel"
