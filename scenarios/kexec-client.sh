# shellcheck shell=sh
# A guest with patches/client starts another kernel by kexec: nothing waits for CPUs any more to
# give back their events, and the second kernel finds SDEI and uses it.
. /lab/host/lib.sh
plan 6
# No LPIs: without EFI the second kernel can't know which memory the GIC still has for them.
guest -k /lab/Image.client -f /lab/Image.client -a 'kpti=off irqchip.gicv3_nolpi=1' <<'END'
if grep -q second-kernel /proc/cmdline; then
	wedge 1
	backtraces
	hold
fi
backtraces
(cd / && find init functions job bin dev | cpio -o -H newc) >/tmp/initrd
kexec /Image.client /tmp/initrd "$(cat /proc/cmdline) second-kernel"
END
check "the guest goes through both kernels" wait_for 120 "guest: done"
stop
check "the second kernel ran, on both CPUs" seen 'guest: up, 2 CPUs, .*second-kernel'
check "both found SDEI" shown 2 'sdei: SDEIv1.1 (0x4b564d) detected in firmware\.'
check "both use event 0" shown 2 'sdei_nmi: using SDEI cross-CPU NMI'
check "the second one's wedged CPU answers" seen 'pc : lkdtm_HARDLOCKUP+'
check "no SDEI call failed" absent -i 'sdei.*\(fail\|error\|disabling\|warn\)'
finish
