#!/usr/bin/env bash
# Loading an image of one Debian layer into an empty store: drydock, podman, and tar itself, which
# only writes the files (no digest, no copy of the archive). In interleaved rounds, since only ratios
# within one run mean anything; medians, and the spread between the quartiles.
#
#   compare.sh DRYDOCK ARCHIVE LAYER.tar [ROUNDS]
#
# ARCHIVE is what `save` writes, LAYER.tar the plain layer in it. Drydock's blobs are synced to the
# disk before it returns, podman's and tar's files are not: `drydock, no fsync` is the same command
# with fsync(2) and sync_file_range(2) left out by eatmydata, where that is installed.
set -euo pipefail
drydock=$1 archive=$2 layer=$3 rounds=${4:-7}
place=$(mktemp -d "${TMPDIR:-/var/tmp}/drydock-load.XXXXXX")
trap 'rm -rf "$place"' EXIT
bytes=$(stat -c %s "$layer")
files=$(tar -tf "$layer" | wc -l)

load_drydock() { "$drydock" --root "$place/store" --run-root "$place/run" load -q -i "$archive"; }
load_unsynced() { eatmydata "$drydock" --root "$place/store" --run-root "$place/run" load -q -i "$archive"; }
load_podman() {
  podman --root "$place/store" --runroot "$place/run" --storage-driver "${STORAGE_DRIVER:-overlay}" \
    --cgroup-manager cgroupfs load -q -i "$archive"
}
load_tar() { mkdir "$place/store" && tar --xattrs --xattrs-include='*' -xpf "$layer" -C "$place/store"; }

names=(drydock podman tar)
! command -v eatmydata >/dev/null || names=(drydock unsynced podman tar)
for ((round = 1; round <= rounds; round++)); do
  for name in "${names[@]}"; do
    sync -f "$place"
    cat "$archive" "$layer" >/dev/null
    begun=$EPOCHREALTIME
    "load_$name" >/dev/null 2>"$place/error" || { cat "$place/error" >&2; exit 1; }
    ended=$EPOCHREALTIME
    echo "$((${ended/./} - ${begun/./}))" >>"$place/$name.us"
    [ ! -d "$place/store/overlay" ] || umount "$place/store/overlay" 2>/dev/null || true
    rm -rf "$place/store" "$place/run"
  done
done

printf '%s bytes, %s entries, %s rounds\n' "$bytes" "$files" "$rounds"
printf '%-10s %10s %17s %8s %9s %9s\n' what 'ms median' 'quartiles' MB/s files/s 'to tar'
tar_median=$(sort -n "$place/tar.us" | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }')
for name in "${names[@]}"; do
  sort -n "$place/$name.us" | awk -v name="$name" -v bytes="$bytes" -v files="$files" -v tar="$tar_median" '
    { a[NR] = $1 }
    END {
      m = a[int((NR + 1) / 2)]
      printf "%-10s %10.0f %8.0f–%-8.0f %8.0f %9.0f %9.2f\n", name, m / 1000,
        a[int((NR + 3) / 4)] / 1000, a[int((3 * NR + 1) / 4)] / 1000, bytes / m, files * 1e6 / m, m / tar
    }'
done
