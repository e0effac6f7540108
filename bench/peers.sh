#!/usr/bin/env bash
# The whole job on one large file, s1flow against the peers that do the same by other means: read,
# XML Schema, signature, rules (check digits, unique Devices, count), each record's Credentials to
# EncryptedData under one content key, write, sync, rename. Cold processes, one after another in every
# round, so that all of them see the same machine; keep it idle. Prints each round, the medians, and
# how many times s1flow is as fast as each peer.
#
#   bench/peers.sh PEERS_FOLDER [BUILD_FOLDER] [RECORDS] [ROUNDS] [KEY_PER]     (…, build/release, 100000, 5, file)
#
# KEY_PER is `file`, or `record`: then every record has a content key of its own, under RSA-2048.
#
# PEERS_FOLDER holds gen.cpp, mcf.xsd, sign_canon.py and the peers. s1flow reads the same data as they
# do, signed in its own profile, by the layout bench/peers/layouts/mcf/peers.toml. Peers whose
# programs are missing are left out.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
if [[ ${1:-} == -h || ${1:-} == --help ]]; then
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"
  exit 0
fi
peers=$(realpath -e -- "${1:?PEERS_FOLDER is missing; see bench/peers.sh --help}")
build=$(realpath -e -- "${2:-build/release}")
records=${3:-100000}
rounds=${4:-5}
key_per=${5:-file}
case $key_per in file | record) ;; *) echo "peers: KEY_PER is file or record" >&2 && exit 2 ;; esac
s1flow=$build/cli/s1flow
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python=/usr/bin/python3

have() { command -v "$1" >/dev/null; }
g++ -O2 -o "$work/gen" "$peers/gen.cpp"

# s1flow: a schema folder, a PKI, and the file with a sender whom the PKI knows.
mkdir -p "$work/schemas/xsd"
cp -r "$here/peers/layouts" "$work/schemas/"
cp "$peers/mcf.xsd" "$work/schemas/xsd/"
sed 's/^keys = .*/key-per = "record"/; s/^version = .*/version = "peers-record"/' "$here/peers/layouts/mcf/peers.toml" \
  >"$work/schemas/layouts/mcf/peers-record.toml"
"$s1flow" generate pki -o "$work/pki" --week 2024-05-06 >/dev/null 2>&1
sender=$(basename "$(ls "$work"/pki/requesting-party/*.file-signing.key.pem | head -1)" .file-signing.key.pem)
at=2024-05-03T12:00:00Z
# Only MPANs get good check digits from the generator, and only those are judged by the peers; with
# good ones in the MPRNs too, nobody has anything to tell.
"$work/gen" "$records" xml | sed "0,/<Creator>[^<]*</s//<Creator>$sender</" | awk '
  match($0, /<MPRN>[0-9]+/) {
    body = substr($0, RSTART + 6, RLENGTH - 8)
    sum = 0
    for (i = 1; i <= length(body); ++i) sum += substr(body, i, 1) * (length(body) + 1 - i)
    $0 = substr($0, 1, RSTART + 5) body sprintf("%02d", sum % 11) substr($0, RSTART + RLENGTH)
  }
  { print }' >"$work/plain.xml"
own=$work/MCF-own.xml
type=mcf/peers
[[ $key_per == file ]] || type=mcf/peers-record
common=(--layouts "$work/schemas" --pki "$work/pki" --at "$at" --type "$type")
"$s1flow" sign -q "$work/plain.xml" "${common[@]}" -o "$own"
recipient=$(ls "$work"/pki/s1sp/*.key-encipherment.pem | head -1)
# The peers are given two bare keys; a hundred certificates of others would be another job.
find "$work/pki" -mindepth 2 -type f ! -path '*/ca/*' ! -name "$sender.file-signing.*" ! -path "${recipient%.pem}.*" -delete

# The peers: bare keys.
if have openssl; then
  openssl ecparam -name prime256v1 -genkey -noout 2>/dev/null | openssl pkcs8 -topk8 -nocrypt -out "$work/ec.pem"
  openssl ec -in "$work/ec.pem" -pubout -out "$work/ec.pub" 2>/dev/null
  openssl genrsa -out "$work/rsa.pem" 2048 2>/dev/null
  openssl rsa -in "$work/rsa.pem" -pubout -out "$work/rsa.pub" 2>/dev/null
  "$python" "$peers/sign_canon.py" "$work/plain.xml" "$work/peer.xml" "$work/ec.pem"
fi
names=(s1flow)
if have javac && have java; then
  javac -d "$work" "$peers/S1Peer.java" "$peers/S1PeerStream.java"
  names+=(java-streaming java-dom)
fi
"$python" -c 'import lxml, xmlsec, cryptography' 2>/dev/null && names+=(lxml)
# The shell encrypts the document as a whole, whatever is asked.
have xmllint && have xmlsec1 && [[ $key_per == file ]] && names+=(shell)

run() {
  local x=$work/schemas/xsd/mcf.xsd p=$work/peer.xml e=$work/ec.pub r=$work/rsa.pub o=$work/out-$1.xml
  case $1 in
    s1flow) "$s1flow" encrypt -q "$own" --check --to "s1sp=$recipient" --key-transport rsa-oaep \
      "${common[@]}" --severity file.name=off -o "$o" ;;
    s1flow-check) "$s1flow" check -q "$own" "${common[@]}" --severity file.name=off --severity file.not-encrypted=off ;;
    java-streaming) java -XX:+UseParallelGC -Xmx1g -cp "$work" S1PeerStream "$p" "$x" "$e" "$r" "$o" "$key_per" ;;
    java-dom) java -XX:+UseParallelGC -cp "$work" S1Peer "$p" "$x" "$e" "$r" "$o" "$key_per" ;;
    lxml) "$python" "$peers/s1peer.py" "$p" "$x" "$e" "$r" "$o" "$key_per" ;;
    shell) "$peers/s1peer.sh" file "$p" "$x" "$e" "$r" "$o" ;;
  esac >"$work/said" 2>&1 || { echo "peers: $1 failed:" >&2; cat "$work/said" >&2; exit 1; }
}

names=(s1flow s1flow-check "${names[@]:1}")
printf '%-6s' round; printf '%16s' "${names[@]}"; echo
for ((i = 1; i <= rounds; ++i)); do
  printf '%-6s' "$i"
  for name in "${names[@]}"; do
    # What the one before left to be written is not this one's to wait for.
    rm -f "$work/out-$name.xml"
    sync
    begin=$(date +%s%N)
    run "$name"
    seconds=$(awk -v b="$begin" -v e="$(date +%s%N)" 'BEGIN { printf "%.3f", (e - b) / 1e9 }')
    echo "$seconds" >>"$work/times-$name"
    printf '%16s' "$seconds"
  done
  echo
done
median() { sort -n "$work/times-$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
ours=$(median s1flow)
for name in "${names[@]}"; do
  awk -v n="$name" -v t="$(median "$name")" -v o="$ours" -v r="$records" 'BEGIN {
    printf "%-16s median %8.3f s %10.0f records/s %8.1f x\n", n, t, r / t, t / o }'
done
