#!/bin/bash
# Boot the emulated arm64 host (EL2, so that KVM works in it), run a job in it, and
# show the job's output; exit as the job did.
#   boot.sh [-m vhe|nvhe|protected] [-n NAME] [-t SECONDS] [-a APPEND] [-k IMAGE]
#           [-r ROOT] [-p PAYLOAD] [-l 1|2] [-c] [-q] [-i] JOB
# JOB is shell text; it finds the payload in /lab. -r, -p: other disks than the lab's. -l: this is host 1 or 2 of two with a
# network between them, in the folder $LINK. -c: its counter counts instructions, on one
# CPU. -q: no output on screen. -i: its console is this terminal, for as long as it runs.
# GDB=1: wait for a debugger before the first instruction.
# What is kept, in the folder of the run (new_run in lab/common.sh): NAME.out (the job's
# output), NAME.console (the host's kernel), NAME.guests, NAME.qemu (QEMU's own words),
# NAME.config, NAME.job and NAME.command, which boots the same again.
. "$(dirname "$0")/../common.sh"

mode=vhe name='' limit=600 append='' quiet='' here='' image=$OUT/obj/arch/arm64/boot/Image net=(-nic none)
root=$OUT/root.img payload=$OUT/payload.img
# Tags for its memory, where the CPU has a use for them.
machine=virt,virtualization=on,gic-version=${GIC:-3}
[ "$CPU" != max ] || machine+=,mte=on
cpu=(-cpu "$CPU$CPU_OPTIONS" -smp "${CPUS:-2}")
while getopts m:n:t:a:k:r:p:l:cqi option; do
	case $option in
	m) mode=$OPTARG ;;
	n) name=$OPTARG ;;
	t) limit=$OPTARG ;;
	a) append=$OPTARG ;;
	k) image=$OPTARG ;;
	r) root=$OPTARG ;;
	p) payload=$OPTARG ;;
	l) net=(-netdev "dgram,id=net,local.type=unix,local.path=$LINK/$OPTARG,remote.type=unix,remote.path=$LINK/$((3 - OPTARG))"
		-device "virtio-net-pci,netdev=net,romfile=,mac=52:54:00:00:00:0$OPTARG") ;;
	# An instruction is a nanosecond, and a tick: at 1 GHz.
	c) cpu=(-cpu "$CPU,cntfrq=1000000000" -smp 1 -icount "shift=0,sleep=off") ;;
	q) quiet=yes ;;
	i) here=yes ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
name=${name:-boot-$mode}
new_run "$name"
run=$RUN_DIR/$name
out=$run.out console=$run.console

case $mode in
vhe) ;;	# what a CPU that can does by itself
nvhe|protected) append+=" kvm-arm.mode=$mode" ;;
*) die "no mode '$mode': vhe, nvhe, protected" ;;
esac
# At the end of a VM pKVM of 7.3 walks all the addresses that it may have: 2^52 take a while.
[ "$mode/$CPU" != protected/max ] || cpu[1]+=,lpa2=off
for file in "$image" "$root" "$payload"; do
	[ -f "$file" ] || die "no ${file#"$ROOT"/} yet: make test"
done

# The job is a disk of its own, padded to whole sectors with empty lines.
{ printf '%s\n' "$1"; head -c 512 /dev/zero | tr '\0' '\n'; } >"$run.job"
truncate -s %512 "$run.job"
images=("root,file=$root" "payload,file=$payload" "job,file=$run.job")
[ ! -f "$OUT/libvirt.img" ] || images+=("libvirt,file=$OUT/libvirt.img")
disks=()
for disk in "${images[@]}"; do
	disks+=(-drive "if=none,format=raw,readonly=on,id=$disk" -device "virtio-blk-pci,drive=${disk%%,*}")
done

if [ -n "$here" ]; then
	terminal=(-chardev "stdio,id=terminal,mux=on,signal=off,logfile=$console" -serial chardev:terminal -mon terminal)
else
	terminal=(-monitor none -serial "file:$console")
fi
debugger=()
if [ -n "${GDB:-}" ]; then
	debugger=(-s -S) append+=' nokaslr'
	say "It waits for: gdb-multiarch ${image%/arch/*}/vmlinux -ex 'target remote :1234'" >&2
fi

# kpti=off: -cpu max needs no page tables for user space alone, and to switch them takes
# long in emulation.
# shellcheck disable=SC2054
command=(qemu-system-aarch64 -M "$machine" "${cpu[@]}" -m "$MEMORY"
	"${net[@]}" -display none -no-reboot "${terminal[@]}" ${debugger[@]+"${debugger[@]}"}
	-kernel "$image"
	-append "console=ttyAMA0 quiet panic=-1 root=/dev/vda ro rootfstype=ext4 init=/init log_buf_len=1M kpti=off $append"
	"${disks[@]}"
	-device virtio-serial-pci -chardev "file,id=out,path=$out" -device virtserialport,chardev=out
	-chardev "file,id=guests,path=$run.guests" -device virtserialport,chardev=guests)
for word in "${command[@]}"; do
	case $word in *[!a-zA-Z0-9_./,:=+-]*) printf '%s ' "${word@Q}" ;; *) printf '%s ' "$word" ;; esac
done >"$run.command"
cp "${image%/arch/*}/.config" "$run.config"
: >"$out"

if [ -n "$here" ]; then
	say "$(cat "$run.command")"
	say "That is kept in ${run#"$ROOT"/}.command. Ctrl-A X ends it, Ctrl-A C is QEMU's monitor."
	rc=0
	"${command[@]}" || rc=$?
	exit "$rc"
fi
timeout -k 5 "$limit" "${command[@]}" </dev/null >"$run.qemu" 2>&1 &
qemu=$!
trap 'kill $qemu 2>/dev/null || :' EXIT
trap 'exit 130' INT TERM
[ -n "$quiet" ] || tail -n +1 -s 0.2 --pid="$qemu" -f "$out" | { grep --line-buffered -v '^exit: ' || :; }
rc=0
wait "$qemu" || rc=$?
result=$(sed -n 's/^exit: //p' "$out" | tail -n 1)
if [ -z "$result" ]; then
	if [ "$rc" -ge 124 ]; then why="was stopped after $limit s"; else why="ended early"; fi
	printf '  The emulated host (%s) %s. The end of its console:\n' "$name" "$why"
	tail -n 20 "$console" "$run.qemu" | sed 's/\r$//; s/^/  | /'
	printf '  All of it: %s, the output of the job: %s\n' "${console#"$ROOT"/}" "${out#"$ROOT"/}"
	exit 3
fi
exit "$result"
