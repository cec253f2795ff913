# shellcheck shell=sh
# The guest starts another kernel by kexec, which finds SDEI and uses it (C148). With
# patches/client no CPU gives back its events before that.
. /lab/host/lib.sh
set -- /lab/Image ${LONG:+/lab/Image.client}
plan $((6 * $#))
for image; do
	kernel=${image##*/}
	# No LPIs: without EFI the second kernel can't know which memory the GIC still has for them.
	guest -k "$image" -f "$image" -a 'kpti=off irqchip.gicv3_nolpi=1' <<-'END'
		if grep -q second-kernel /proc/cmdline; then
			wedge 1
			backtraces
			hold
		fi
		backtraces
		second_kernel
	END
	check "$kernel: the guest goes through both kernels" wait_for 120 "guest: done"
	stop
	check "$kernel: the second kernel ran, on both CPUs" seen 'guest: up, 2 CPUs, .*second-kernel'
	check "$kernel: both found SDEI" shown 2 'sdei: SDEIv1.1 (0x4b564d) detected in firmware\.'
	check "$kernel: both use event 0" shown 2 'sdei_nmi: using SDEI cross-CPU NMI'
	check "$kernel: the second one's wedged CPU answers" seen 'pc : lkdtm_HARDLOCKUP+'
	check "$kernel: no SDEI call failed" absent -i 'sdei.*\(fail\|error\|disabling\|warn\)'
done
finish
