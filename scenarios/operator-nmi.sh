# shellcheck shell=sh disable=SC2317,SC2329
# The operator's NMI to all vCPUs of a guest at once, by KVM_NMI from a thread for each, and
# to the wedged one alone: one panic in a critical handler, one dump, and a crash kernel that has
# interrupts and takes both events. The guest registers for the NMI by patches/client, as
# it boots by device tree.
. /lab/host/lib.sh
set -- all ${LONG:+2}
plan $((9 * $#))
qemu=$qemu_nmi
# A vCPU that the panic has stopped by then has unregistered it: No such file or directory.
raised() {
	lines "$dir/qemu" 'nmi: vCPU [0-3]: raised' 1 &&
	lines "$dir/qemu" 'nmi: vCPU [0-3]: \(raised\|No such\)' "$1"
}
for vcpus; do
	case $vcpus in all) to='to all' count=4 ;; *) to='to one' count=1 ;; esac
	guest -c 4 -k /lab/Image.client -f /lab/Image.client -q "-m 768" \
		-a 'kpti=off irqchip.gicv3_nolpi=1 crashkernel=256M arm_sdei_nmi.panic=1' <<-'END'
		if grep -q crash-kernel /proc/cmdline; then
			vmcore-chains | while read -r line; do say "$line"; done
			say "crash kernel: ticks $(awk '/arch_timer/ { print $2 }' /proc/interrupts | head -n 1)"
			logged 'NMI from the operator of this VM on CPU'
			poweroff -f
		fi
		crash_kernel arm_sdei_nmi.panic=0
		wedge 2
		say "ready"
		while :; do sleep 1; done
	END
	wait_for 120 'guest: ready'
	nmi "$vcpus"
	check "$to: the crash kernel has a timer" wait_for 200 'guest: crash kernel: ticks [1-9]'
	check "$to: KVM has raised it" raised $count
	nmi all
	check "$to: the crash kernel takes the next one" wait_for 30 'NMI from the operator of this VM on CPU'
	check "$to: and powers off" ended 90
	check "$to: one panic is in the dump" [ "$(console | grep -c 'vmcore: log: Kernel panic - not syncing: NMI from')" = 1 ]
	check "$to: in it the registers of all four CPUs" [ "$(console | grep -c 'vmcore: pstate')" = 4 ]
	check "$to: none was left" absent 'failed to stop secondary CPUs'
	check "$to: the crash kernel has event 0 again" shown 2 "sdei_nmi: using SDEI cross-CPU NMI"
	check "$to: no SDEI call failed" absent -i 'sdei.*\(fail\|error\|disabling\|warn\)'
done
finish
