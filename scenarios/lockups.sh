# shellcheck shell=sh
# Linux's detectors of lockups. The report of a hard lockup, by the CPU that watches the wedged
# one, has that one's registers, and with hardlockup_panic the dump has its call chain. The report
# of a soft lockup has the backtraces of all CPUs, a wedged one among them.
. /lab/host/lib.sh
plan 14
quiet='kpti=off rcupdate.rcu_cpu_stall_suppress=1'
guest -k /lab/Image.field -a "$quiet" <<'END'
echo 2 >/proc/sys/kernel/watchdog_thresh
wedge 1
logged 'pc : lkdtm'
say "after the lockup"
hold
END
check "hard lockup: the guest lives on" wait_for 150 'guest: after the lockup'
check "hard lockup: CPU 0 finds it" seen 'detected hard LOCKUP on cpu 1$'
check "hard lockup: the wedged CPU's registers are in the report" seen 'pc : lkdtm_HARDLOCKUP+'
check "hard lockup: without an explicit request" absent 'sysrq: Show backtrace'
stop
guest -k /lab/Image.field -f /lab/Image.field -q "-m 768" -a "$quiet irqchip.gicv3_nolpi=1 crashkernel=256M" <<'END'
if grep -q crash-kernel /proc/cmdline; then
	vmcore-chains | while read -r line; do say "$line"; done
	say "crash kernel done"
	poweroff -f
fi
crash_kernel
echo 1 >/proc/sys/kernel/hardlockup_panic
echo 2 >/proc/sys/kernel/watchdog_thresh
wedge 1
hold
END
check "hardlockup_panic: the crash kernel gets to its end" wait_for 200 'guest: crash kernel done'
check "hardlockup_panic: and powers off" ended 30
check "hardlockup_panic: the wedged CPU was stopped by SDEI" seen 'SMP: retry stop with SDEI NMI for CPUs 1'
check "hardlockup_panic: the panic is in the dump" seen 'vmcore: log: Kernel panic - not syncing: Hard LOCKUP'
check "hardlockup_panic: and the wedged CPU's call chain" seen 'vmcore: .*lkdtm_HARDLOCKUP < '
guest -c 3 -k /lab/Image.field -a "$quiet" <<'END'
echo 0 >/proc/sys/kernel/nmi_watchdog
echo 1 >/proc/sys/kernel/softlockup_all_cpu_backtrace
echo 2 >/proc/sys/kernel/watchdog_thresh
wedge 2
taskset 2 sh -c 'echo SOFTLOCKUP >/sys/kernel/debug/provoke-crash/DIRECT' &
logged 'BUG: soft lockup - CPU#1'
logged 'pc : lkdtm_HARDLOCKUP'
say "after the soft lockup"
hold
END
check "soft lockup: the guest lives on" wait_for 150 'guest: after the soft lockup'
check "soft lockup: CPU 1 finds it" seen 'BUG: soft lockup - CPU#1'
check "soft lockup: the others' backtraces" seen 'NMI backtrace for cpu 0'
check "soft lockup: the registers of one that is wedged" seen 'pc : lkdtm_HARDLOCKUP+'
check "soft lockup: no other report has them" absent 'hard LOCKUP\|sysrq: Show backtrace\|rcu: INFO'
stop
finish
