# shellcheck shell=sh disable=SC2016,SC2317,SC2329
# Tasks of a guest sleep because their pages never come (lab/host/preload/late.c, the BAR of a PCI
# device). They can be killed, and survive a CPU that goes offline; backtraces come through; the
# guest reboots, and dumps a crash. The VMM can be killed.
. /lab/host/lib.sh
plan 11
late_device LATE_US=2000000000 LATE_MS=1000000
told() { [ "$(counter async_pf_accepted)" -ge "$1" ]; }

touches='
file=$(late_memory)
await() {
	for _ in $(seq 60); do
		[ "$(asleep)" != "$1" ] || return 0
		sleep 1
	done
	say "$(asleep) asleep, not $1"
	return 1
}
taskset f work $file 4 0 100000 &
await 4 && say "four sleep"
'
guest -f /lab/Image -q "-m 768" -a 'kpti=off irqchip.gicv3_nolpi=1 crashkernel=256M' <<END
if grep -q crash-kernel /proc/cmdline; then
	say "dumped, \$(stat -c %s /proc/vmcore) bytes"
	poweroff -f
fi
$touches
idle_backtraces
echo 0 >/sys/devices/system/cpu/cpu1/online
echo 1 >/sys/devices/system/cpu/cpu1/online
await 4 && say "four sleep again"
killall -9 work
await 0 && say "all are killed"
taskset f work \$file 4 0 100000 &
await 4
crash_kernel
echo c >/proc/sysrq-trigger
END
check "four tasks wait for a page that never comes" wait_for 120 'guest: four sleep'
check "each was told of" told 4
check "no more than a few times" [ "$(counter async_pf_accepted)" -lt 20 ]
check "backtraces come" wait_for 60 'NMI backtrace for cpu 1'
check "they wait again after a CPU was offline" wait_for 60 'guest: four sleep again'
check "they can be killed" wait_for 60 'guest: all are killed'
check "a panic with such tasks is dumped" wait_for 120 'guest: dumped, [1-9]'
stop

guest -r yes <<END
$touches
reboot -f
END
check "a guest with such tasks" wait_for 120 'guest: four sleep'
check "reboots" wait_for 120 'guest: up' 2
check "and is told again" wait_for 120 'guest: four sleep' 2
kill -9 "$vmm"
check "its VMM can be killed" within 20 vmm_gone
finish
