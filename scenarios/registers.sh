# shellcheck shell=sh
# Some hundred NMIs hit a program that holds a pattern in each of its registers, then a
# CPU busy with system calls; nothing may change. With the kernel's pages mapped beside
# user space or not, as the entry point differs (C143, C145).
. /lab/host/lib.sh
plan "${results:-12}"
# With late-registers.sh the guest's memory comes late.
qemu="${late-} $qemu ${memory-}"
try() {
	guest -a "log_buf_len=4M $1" <<'END'
dmesg -n 1
say "kpti $(dmesg -s 4194304 | grep -c 'detected: Kernel page table isolation')"
taskset 2 regs >/tmp/regs &
sleep 1
for _ in $(seq 40); do backtraces; done
kill $! && wait $!
say "$(cat /tmp/regs)"
say "$(dmesg -s 4194304 | grep -A 1 'NMI backtrace for cpu 1$' | grep -c 'Comm: regs') in user space"
dmesg -c >/dev/null
cat >/tmp/busy <<'SCRIPT'
want=$(sha256sum </bin/busybox)
for i in 1 2; do
	got=$(dd if=/bin/busybox bs=512 2>/dev/null | sha256sum)
	[ "$want" = "$got" ] || { echo "busy: $want became $got"; exit 1; }
done
echo "busy: all intact"
SCRIPT
taskset 2 sh /tmp/busy >/tmp/busy.out 2>&1 &
while kill -0 $! 2>/dev/null; do backtraces; done
say "$(cat /tmp/busy.out), $(dmesg -s 4194304 | grep -c 'NMI backtrace for cpu 1$') NMIs"
say "$(dmesg -s 4194304 | grep -c 'BUG\|WARNING\|Oops\|Unable to handle') complaints"
END
	[ -z "${late-}" ] || check "$1: its memory comes late" within 60 comes_late
	check "$1: the guest ends by itself" ended "${seconds:-120}"
	check "$1: the entry point is the ${3}one" seen "guest: kpti $2"
	check "$1: 30 NMIs and more hit user space" \
		[ "$(sed -n 's/.*guest: \([0-9]*\) in user space.*/\1/p' "$log")" -ge 30 ]
	check "$1: user registers x0-x30, NZCV, q0-q31 intact" seen 'regs: .* all intact'
	check "$1: checksums by system calls intact" seen 'busy: all intact'
	check "$1: the guest's kernel does not complain" seen 'guest: 0 complaints'
}
try 'kpti=off' 0 ''
try 'kpti=on' 1 'trampoline '
finish
