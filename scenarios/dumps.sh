# shellcheck shell=sh disable=SC2317,SC2329
# Three of a guest's four CPUs are wedged when it panics. Its dump has them, down to the system
# call on their stacks, whether the guest boots by ACPI or by device tree, and whether the crash
# kernel is SMP or UP. Without SDEI it has none of them.
. /lab/host/operator.sh
plan 13
# dump MACHINE QEMU-OPTIONS OPTIONS-OF-THE-CRASH-KERNEL
dump() {
	qemu="$series -M $1 -accel kvm -cpu host -nic none -display none"
	guest -m none -c 4 -f /lab/Image -q "-m 768 $2" -a 'kpti=off irqchip.gicv3_nolpi=1 crashkernel=256M' <<-END
		if grep -q crash-kernel /proc/cmdline; then
			# By ACPI pl011 is a console as well, and makes this one wait in a panic.
			{ vmcore-chains; vmcore log | grep '^SMP:'; } | while read -r line; do say "\$line"; done
			say "crash kernel \$(cat /sys/devices/system/cpu/present), ACPI: \$(ls -d /sys/firmware/acpi/tables)"
			poweroff -f
		fi
		crash_kernel $3
		# One after the other: the console is slow.
		for cpu in 1 2 3; do wedge \$cpu; done
		echo c >/proc/sysrq-trigger
	END
	wait_for 350 'guest: crash kernel .*, ACPI:' && ended 30
}
chains() { [ "$(console | grep -c 'vmcore: .*lkdtm_HARDLOCKUP < .* < .*write')" = "$1" ]; }
no_failure() { absent -i 'sdei.*\(fail\|error\|disabling\|warn\)'; }

check "ACPI, SMP: the crash kernel gets to its end" dump virt "$uefi" "''"
check "ACPI, SMP: that is what it is" seen 'guest: crash kernel 0-3, ACPI: .*tables'
check "ACPI, SMP: SDEI has stopped three CPUs" seen 'guest: SMP: retry stop with SDEI NMI for CPUs 1-3'
check "ACPI, SMP: the dump has where they were" chains 3
check "ACPI, SMP: no SDEI call failed" no_failure
check "device tree, UP: the crash kernel gets to its end" dump virt '' nr_cpus=1
check "device tree, UP: that is what it is" seen 'guest: crash kernel 0, ACPI: $'
check "device tree, UP: SDEI has stopped three CPUs" seen 'guest: SMP: retry stop with SDEI NMI for CPUs 1-3'
check "device tree, UP: the dump has where they were" chains 3
check "device tree, UP: no SDEI call failed" no_failure
check "no SDEI: the crash kernel gets to its end" dump virt,sdei=off '' nr_cpus=1
check "no SDEI: three CPUs were left running" seen 'guest: SMP: failed to stop secondary CPUs 1-3'
check "no SDEI: none of them is in the dump" chains 0
finish
