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
read -ra packages <<<"${PACKAGES:-tree named format fanout ctxattrs async floor files network pickle config}"

if [ -r /proc/loadavg ] && read -r load _ </proc/loadavg && [ "${load%.*}" -ge 1 ]; then
  echo "run.sh: the machine is busy (load $load): the figures will be unsteady" >&2
fi

# Of what must not be imported from here, the benchmark stands beside it.
declare -A beside=([pickle]=netsink/internal/logrecord)
# Over a network, two processes are at work, behind a queue two goroutines. Reading a record is the work of one. To apply a
# configuration is too, but what it leaves to be collected is the work of another.
declare -A cpus=([async]=2 [config]=2 [network]=2 [pickle]=1)

# measure TEST DIRECTORY CPUS BENCHMARKS prints a package's figures.
measure() {
  (cd "$2" && "$1" -test.run '^$' -test.bench "$4" -test.benchtime "$benchtime" -test.cpu "$3")
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for p in "${packages[@]}"; do
  $go test -c -o "$work/$p.test" "./$p"
  if [ -n "${beside[$p]:-}" ]; then
    (cd ../.. && $go test -c -o "$work/$p.beside.test" "./${beside[$p]}")
  fi
done
$go build -o "$work/report" ./cmd/report
for ((r = 1; r <= rounds; r++)); do
  mkdir -p "$work/results/$r"
  for p in "${packages[@]}"; do
    measure "$work/$p.test" "$p" "${cpus[$p]:-1,2}" . >"$work/results/$r/$p.txt"
    if [ -n "${beside[$p]:-}" ]; then
      measure "$work/$p.beside.test" "../../${beside[$p]}" "${cpus[$p]:-1,2}" '^BenchmarkDecode$' >>"$work/results/$r/$p.txt"
    fi
  done
  echo "round $r of $rounds done"
done
"$work/report" -out "$out" "$work/results"
