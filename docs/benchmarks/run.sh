#!/usr/bin/env bash
# Runs the benchmarks in rounds, one process at a time, and has the figures
# written into performance.md and performance.svg.
#
#	run.sh [OUT]
#
# OUT is the directory that gets both, by default the one above this.
# ROUNDS and BENCHTIME change how much is run; PACKAGES what. GO is the go
# command, PYTHON a Python that has concurrent-log-handler, TMPDIR where files
# are written.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$(cd "${1:-$here/..}" && pwd)
cd "$here"
go=${GO:-go}
rounds=${ROUNDS:-5}
benchtime=${BENCHTIME:-0.15s}
read -ra packages <<<"${PACKAGES:-tree named format fanout floor files}"

if [ -r /proc/loadavg ] && read -r load _ </proc/loadavg && [ "${load%.*}" -ge 1 ]; then
  echo "run.sh: the machine is busy (load $load): the figures will be unsteady" >&2
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for p in "${packages[@]}"; do
  $go test -c -o "$work/$p.test" "./$p"
done
$go build -o "$work/report" ./cmd/report
for ((r = 1; r <= rounds; r++)); do
  mkdir -p "$work/results/$r"
  for p in "${packages[@]}"; do
    (cd "$p" && "$work/$p.test" -test.run '^$' -test.bench . -test.benchtime "$benchtime" -test.cpu 1,2) >"$work/results/$r/$p.txt"
  done
  echo "round $r of $rounds done"
done
"$work/report" -out "$out" "$work/results"
