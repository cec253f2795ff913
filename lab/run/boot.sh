#!/bin/bash
# Boot the emulated arm64 host (EL2, so that KVM works in it), run a job in it, and
# show the job's output; exit as the job did.
#   boot.sh [-m vhe|nvhe|protected] [-n NAME] [-t SECONDS] [-a APPEND] [-k IMAGE]
#           [-l 1|2] [-c] [-q] JOB
# JOB is shell text; it finds the payload in /lab. -l: this is host 1 or 2 of two with a
# network between them, in the folder $LINK. -c: its counter counts instructions, on one
# CPU. -q: no output on screen.
# Logs: build/BASE/logs/NAME.out (the job), NAME.console (the host's kernel), NAME.guests.
. "$(dirname "$0")/lib.sh"

mode=vhe name='' limit=600 append='' quiet='' image=$OUT/obj/arch/arm64/boot/Image net=(-nic none)
# Tags for its memory, where the CPU has a use for them.
machine=virt,virtualization=on,gic-version=3
[ "$CPU" != max ] || machine+=,mte=on
cpu=(-cpu "$CPU$(flavour_says cpu)" -smp "${CPUS:-2}")
while getopts m:n:t:a:k:l:cq option; do
	case $option in
	m) mode=$OPTARG ;;
	n) name=$OPTARG ;;
	t) limit=$OPTARG ;;
	a) append=$OPTARG ;;
	k) image=$OPTARG ;;
	l) net=(-netdev "dgram,id=net,local.type=unix,local.path=$LINK/$OPTARG,remote.type=unix,remote.path=$LINK/$((3 - OPTARG))"
		-device "virtio-net-pci,netdev=net,romfile=,mac=52:54:00:00:00:0$OPTARG") ;;
	# An instruction is a nanosecond, and a tick: at 1 GHz.
	c) cpu=(-cpu "$CPU,cntfrq=1000000000" -smp 1 -icount "shift=0,sleep=off") ;;
	q) quiet=yes ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
name=${name:-boot-$mode}
out=$LOGS/$name.out console=$LOGS/$name.console

case $mode in
vhe) ;;	# what a CPU that can does by itself
nvhe|protected) append+=" kvm-arm.mode=$mode" ;;
*) die "no mode '$mode': vhe, nvhe, protected" ;;
esac
# At the end of a VM pKVM of 7.3 walks all the addresses that it may have: 2^52 take a while.
[ "$mode/$CPU" != protected/max ] || cpu[1]+=,lpa2=off
for file in "$image" "$OUT"/{root,payload}.img; do
	[ -f "$file" ] || die "no ${file#"$ROOT"/} yet: make test"
done

# The job is a disk of its own, padded to whole sectors with empty lines.
job=$(mktemp)
trap 'rm -f "$job"' EXIT
{ printf '%s\n' "$1"; head -c 512 /dev/zero | tr '\0' '\n'; } >"$job"
truncate -s %512 "$job"
disk() { echo "-drive if=none,id=$1,format=raw,readonly=on,file=$2 -device virtio-blk-pci,drive=$1"; }

# kpti=off: -cpu max needs no page tables for user space alone, and to switch them takes
# long in emulation.
: >"$out"
# shellcheck disable=SC2046
timeout -k 5 "$limit" qemu-system-aarch64 \
	-M "$machine" "${cpu[@]}" -m "$(flavour_says memory 1536)" \
	"${net[@]}" -display none -monitor none -no-reboot -serial "file:$console" \
	-kernel "$image" \
	-append "console=ttyAMA0 quiet panic=-1 root=/dev/vda ro rootfstype=ext4 init=/init log_buf_len=1M kpti=off $append" \
	$(disk root "$OUT/root.img") $(disk payload "$OUT/payload.img") $(disk job "$job") \
	-device virtio-serial-pci -chardev "file,id=out,path=$out" -device virtserialport,chardev=out \
	-chardev "file,id=guests,path=$LOGS/$name.guests" -device virtserialport,chardev=guests \
	</dev/null >"$LOGS/$name.qemu" 2>&1 &
qemu=$!
trap 'kill $qemu 2>/dev/null || :; rm -f "$job"' EXIT
trap 'exit 130' INT TERM
[ -n "$quiet" ] || tail -n +1 -s 0.2 --pid="$qemu" -f "$out" | { grep --line-buffered -v '^exit: ' || :; }
rc=0
wait "$qemu" || rc=$?
result=$(sed -n 's/^exit: //p' "$out" | tail -n 1)
if [ -z "$result" ]; then
	if [ "$rc" -ge 124 ]; then why="was stopped after $limit s"; else why="ended early"; fi
	printf '  The emulated host (%s) %s. The end of its console:\n' "$name" "$why"
	tail -n 20 "$console" "$LOGS/$name.qemu" | sed 's/\r$//; s/^/  | /'
	printf '  All of it: %s, the output of the job: %s\n' "${console#"$ROOT"/}" "${out#"$ROOT"/}"
	exit 3
fi
exit "$result"
