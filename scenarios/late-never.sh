# shellcheck shell=sh disable=SC2016,SC2317,SC2329
# Tasks of a guest sleep because their pages never come (lab/host/preload/late.c, the BAR of a PCI
# device). They can be killed, and survive a CPU that goes offline; backtraces come through; the
# guest reboots, starts another kernel by kexec, and dumps a crash. The VMM can be killed.
. /lab/host/lib.sh
plan 14
late_device LATE_US=2000000000 LATE_MS=1000000
told() { [ "$(counter async_pf_accepted)" -ge "$1" ]; }

touches='
file=$(late_memory)
on_cpu_0() {
	for stack in $(grep -l async_pf_wait /proc/[0-9]*/stack); do
		awk "\$39 == 0" "${stack%ck}t"
	done | wc -l
}
await() {
	for _ in $(seq 60); do
		[ "$($1)" != "$2" ] || return 0
		sleep 1
	done
	say "$1: $($1), not $2"
	return 1
}
taskset 2 work $file 4 0 100000 &
await asleep 4 && say "four sleep"
'
guest -f /lab/Image -q "-m 768" -a 'kpti=off irqchip.gicv3_nolpi=1 crashkernel=256M' <<END
if grep -q crash-kernel /proc/cmdline; then
	say "dumped, \$(stat -c %s /proc/vmcore) bytes"
	poweroff -f
fi
$touches
idle_backtraces
echo 0 >/sys/devices/system/cpu/cpu1/online
await on_cpu_0 4 && say "four sleep again"
echo 1 >/sys/devices/system/cpu/cpu1/online
killall -9 work
await asleep 0 && say "all are killed"
taskset f work \$file 4 0 100000 &
await asleep 4
crash_kernel
echo c >/proc/sysrq-trigger
END
check "four tasks wait for a page that never comes" wait_for 120 'guest: four sleep'
check "each was told of" told 4
check "no more than a few times" [ "$(counter async_pf_accepted)" -lt 20 ]
check "backtraces come" wait_for 60 'NMI backtrace for cpu 1'
check "their CPU goes offline: they wait on the other one" wait_for 60 'guest: four sleep again'
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
stop

guest -f /lab/Image -a 'kpti=off irqchip.gicv3_nolpi=1' <<END
$touches
grep -q second-kernel /proc/cmdline && hold
second_kernel
END
check "another one" wait_for 120 'guest: four sleep'
check "starts a kernel by kexec" wait_for 120 'guest: up, .*second-kernel'
check "which is told, too" wait_for 120 'guest: four sleep' 2
kill -9 "$vmm"
check "its VMM can be killed" within 20 vmm_gone
finish
