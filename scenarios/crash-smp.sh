# shellcheck shell=sh disable=SC2016,SC2317,SC2329
# Three of a guest's four CPUs are wedged when it panics. With patches/client the stop handler
# gives them back: the crash kernel, which has SMP, has all four, and they answer there. It has to
# drop the IPIs that are pending before that, or the crash kernel hangs (flavour undrained).
# With Linux's client they stay parked in their handlers.
. /lab/host/lib.sh
plan 15
script='
if grep -q crash-kernel /proc/cmdline; then
	vmcore-chains | while read -r line; do say "$line"; done
	say "crash kernel has CPUs $(cat /sys/devices/system/cpu/online)"
	if online 3; then
		wedge 3
		backtraces
	fi
	say "crash kernel done"
	poweroff -f
fi
crash_kernel "$options"
# One after the other: the console is slow.
for cpu in 1 2 3; do wedge $cpu; done
echo c >/proc/sysrq-trigger
'
# dump IMAGE [OPTIONS-OF-THE-CRASH-KERNEL]
serial=/tmp/serial.$$
dump() {
	guest -c 4 -k "$1" -f "$1" -q "-m 768 -chardev file,id=serial,path=$serial -serial chardev:serial" \
		-a 'kpti=off irqchip.gicv3_nolpi=1 crashkernel=256M' <<-END
		options='${2:-}'
		$script
	END
}
uptime
began=$uptime
dump /lab/Image.client
check "patched: the crash kernel gets to its end" wait_for 200 'guest: crash kernel done'
uptime
took=$((uptime - began + 5))
check "patched: and powers off, CPU 3 wedged or not" ended 30
check "patched: the wedged CPUs were stopped by SDEI" seen 'SMP: retry stop with SDEI NMI for CPUs 1-3'
check "patched: the dump has their call chains" [ "$(console | grep -c 'vmcore: .*lkdtm_HARDLOCKUP < ')" = 3 ]
check "patched: the crash kernel has all CPUs" seen 'guest: crash kernel has CPUs 0-3'
check "patched: CPU 3 answers there when wedged" seen 'pc : lkdtm_HARDLOCKUP+'
check "patched: no SDEI call failed" absent -i 'sdei.*\(fail\|error\|disabling\|warn\)'
# The IPI that asks CPU 1 to stop, SGI 2: is it pending, asserted, active?
stop_ipi() {
	[ "$(awk '/^VCPU/ { vcpu = $2 } vcpu == 1 && $1 == "SGI" && $2 == 2 { print substr($4, 1, 3) }' \
		/sys/kernel/debug/kvm/"$vmm"-*/vgic-state)" = "$1" ]
}
# It says that it starts on a console that the others do not use.
dump /lab/Image.client-undrained 'loglevel=8 earlycon=pl011,0x9000000 keep_bootcon'
wait_file 200 $serial 'Booting Linux'
check "undrained: in the crash kernel, the old kernel's stop IPI is pending for CPU 1" stop_ipi 100
check "undrained: CPU 1 takes it, and stops" within 100 stop_ipi 001
check "undrained: and the crash kernel hangs" eval "! wait_for $took 'guest: crash kernel has'"
stop

dump /lab/Image
check "stock: the crash kernel gets to its end" wait_for 200 'guest: crash kernel done'
check "stock: and powers off" ended 30
check "stock: the dump has their call chains" [ "$(console | grep -c 'vmcore: .*lkdtm_HARDLOCKUP < ')" = 3 ]
check "stock: the crash kernel has one CPU" seen 'guest: crash kernel has CPUs 0$'
check "stock: as the others are not off" seen 'psci: failed to boot CPU1 (-22)'
finish
