# shellcheck shell=sh
# A dump by the stock client: a guest panics with a CPU that is wedged. SDEI stops that CPU
# and its registers are in the dump; the crash kernel finds SDEI again and uses it.
. /lab/host/lib.sh
plan 9
guest -f /lab/Image -q "-m 768" -a 'kpti=off irqchip.gicv3_nolpi=1 crashkernel=256M' <<'END'
if grep -q crash-kernel /proc/cmdline; then
	say "crash kernel: vmcore of $(stat -c %s /proc/vmcore)"
	vmcore-chains | while read -r line; do say "$line"; done
	backtraces
	online 1 || say "crash kernel: no CPU 1"
	say "crash kernel: ticks $(awk '/arch_timer/ { print $2 }' /proc/interrupts | head -n 1)"
	poweroff -f
fi
crash_kernel ''
wedge 1
echo c >/proc/sysrq-trigger
END
check "the crash kernel gets to its end" wait_for 120 'guest: crash kernel: ticks [1-9]'
check "and powers off" ended 20
check "the wedged CPU was stopped by SDEI" seen 'SMP: retry stop with SDEI NMI for CPUs 1'
check "none was left" absent 'failed to stop secondary CPUs'
check "there is a dump" seen 'guest: crash kernel: vmcore of [1-9]'
check "in it the wedged CPU's call chain" seen 'vmcore: .*lkdtm_HARDLOCKUP < .* < .*write'
check "and that of the CPU that panicked" seen 'vmcore: .* < sysrq_handle_crash <'
check "both kernels use event 0" shown 2 'sdei_nmi: using SDEI cross-CPU NMI'
check "no SDEI call failed" absent -i 'sdei.*\(fail\|error\|disabling\|warn\)'
finish
