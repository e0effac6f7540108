#!/usr/bin/env bash
# CPU seconds that a load generator spends on 100,000 POSTs of 1,500 bytes over 50 kept connections in
# a closed loop: s1flow against the bare epoll floor, ab, wrk and h2load, one after another in every
# round, so that all of them see the same machine. Plain, then TLS 1.3. Generators run on core 0,
# the server on core 1. Prints each round and the medians of the ratios to the plain floor of the
# same round.
#
#   bench/load_peers.sh [BUILD_FOLDER] [ROUNDS] [SECONDS]        (build/release, 5, 5)
set -euo pipefail
if [[ ${1:-} == -h || ${1:-} == --help ]]; then
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"
  exit 0
fi
build=$(realpath -e -- "${1:-build/release}")
rounds=${2:-5}
seconds=${3:-5}
work=$(mktemp -d)
servers=()
finish() {
  for pid in "${servers[@]}"; do kill "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap finish EXIT

for program in ab wrk h2load openssl taskset; do
  command -v "$program" >/dev/null || echo "load_peers: $program is missing and is left out: scripts/setup --tools" >&2
done

python3 - "$work" <<'PY'
import sys
fill = "<sr:Request>" + "x" * (1500 - 20 - 25) + "</sr:Request>"
open(sys.argv[1] + "/unique", "w").write(fill[:12] + "{{number}}" + fill[12:])
open(sys.argv[1] + "/same", "w").write(fill[:12] + "0" * 20 + fill[12:])
open(sys.argv[1] + "/post.lua", "w").write(
    'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/xml"\n'
    'local f = io.open("%s/same"); wrk.body = f:read("*a")\n' % sys.argv[1])
PY
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/key.pem" -out "$work/cert.pem" \
  -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 2>/dev/null

serve() {  # NAME OPTION...
  local out="$work/$1.out"
  shift
  taskset -c 1 "$build/bench/epoll_server" "$@" >"$out" &
  servers+=($!)
  for _ in $(seq 50); do grep -q '^port' "$out" && break || sleep 0.05; done
  port=$(awk '/^port/ { print $2 }' "$out")
}
serve plain
plain=$port
serve tls --tls "$work/cert.pem" "$work/key.pem"
tls=$port

# Runs a generator on core 0 and writes its CPU seconds and its output into files.
run() {
  python3 - "$work" "$@" <<'PY'
import os, subprocess, sys, resource
work, command = sys.argv[1], sys.argv[2:]
with open(work + "/output", "wb") as out:
    subprocess.run(["taskset", "-c", "0", *command], stdout=out, stderr=subprocess.STDOUT, check=False)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
open(work + "/cpu", "w").write(str(used.ru_utime + used.ru_stime))
PY
}
per_100k() {  # PATTERN: its first group is the number of requests
  python3 - "$work" "$1" <<'PY'
import re, sys
found = re.search(sys.argv[2], open(sys.argv[1] + "/output", errors="replace").read())
n = int(found.group(1)) if found else 0
print(f"{float(open(sys.argv[1] + '/cpu').read()) / n * 1e5:.4f}" if n else "-")
PY
}

measure() {  # SCHEME PORT
  local url="$1://127.0.0.1:$2/" ca=()
  [[ $1 == https ]] && ca=(--ca "$work/cert.pem" --tls 1.3)
  run "$build/cli/s1flow" load --url "$url" --body "$work/unique" --closed -c 50 -d "${seconds}s" "${ca[@]}" --format json
  echo "$1 s1flow $(per_100k '"sent":(\d+),"connections_opened"')"
  if command -v ab >/dev/null; then
    run ab -q -k -c 50 -t "$seconds" -n 100000000 -p "$work/same" -T application/xml "$url"
    echo "$1 ab $(per_100k 'Complete requests: +(\d+)')"
  fi
  if command -v wrk >/dev/null; then
    run wrk -t 1 -c 50 -d "${seconds}s" -s "$work/post.lua" "$url"
    echo "$1 wrk $(per_100k '(\d+) requests in')"
  fi
  if command -v h2load >/dev/null; then
    run h2load --h1 -t 1 -c 50 -D "$seconds" -d "$work/same" -H 'content-type: application/xml' "$url"
    echo "$1 h2load $(per_100k 'requests: (\d+) total')"
  fi
}

: >"$work/all"
for round in $(seq "$rounds"); do
  {
    run "$build/bench/epoll_floor" "$plain" 50 "$seconds" "$work/same"
    echo "http floor $(per_100k '"requests":(\d+)')"
    measure http "$plain"
    run "$build/bench/epoll_floor" "$tls" 50 "$seconds" "$work/same" tls
    echo "https floor $(per_100k '"requests":(\d+)')"
    measure https "$tls"
  } | sed "s/^/$round /" | tee -a "$work/all"
done
python3 - "$work/all" <<'PY'
import statistics, sys
rows = [line.split() for line in open(sys.argv[1])]
floor = {r: float(v) for r, s, g, v in rows if (s, g) == ("http", "floor") and v != "-"}
seen = {}
for r, s, g, v in rows:
    if v != "-" and r in floor:
        seen.setdefault((s, g), []).append((float(v), float(v) / floor[r]))
print(f"{'':7}{'':8}{'CPU-s per 100k':>15}{'times the plain floor':>23}  (medians of {len(floor)})")
for (s, g), values in seen.items():
    cpu, ratio = (statistics.median(column) for column in zip(*values))
    print(f"{s:7}{g:8}{cpu:15.3f}{ratio:23.3f}")
PY
