# shellcheck shell=sh
# The operator's NMI to all vCPUs of a guest at once, by KVM_NMI from a thread for each: one
# panic in a critical handler, one dump, and a crash kernel that has interrupts and both
# events. The guest takes the NMI by patches/client, as it boots by device tree.
. /lab/host/lib.sh
plan 8
qemu=$qemu_nmi
guest -c 4 -k /lab/Image.client -f /lab/Image.client -q "-m 768" \
	-a 'kpti=off irqchip.gicv3_nolpi=1 crashkernel=256M arm_sdei_nmi.panic=1' <<'END'
if grep -q crash-kernel /proc/cmdline; then
	say "crash kernel: vmcore of $(stat -c %s /proc/vmcore)"
	vmcore-chains | while read -r line; do say "$line"; done
	say "crash kernel: ticks $(awk '/arch_timer/ { print $2 }' /proc/interrupts | head -n 1)"
	poweroff -f
fi
(cd / && find init functions job bin dev | cpio -o -H newc) >/tmp/initrd
kexec -p /Image.client /tmp/initrd "$(sed 's/crashkernel=[^ ]*//' /proc/cmdline) crash-kernel"
wedge 2
say "ready"
while :; do sleep 1; done
END
wait_for 120 'guest: ready'
nmi all
check "the crash kernel gets to its end" wait_for 200 'guest: crash kernel: ticks [1-9]'
check "and powers off" ended 20
check "KVM has raised it on all four" lines "$dir/qemu" 'nmi: vCPU [0-3]: raised' 4
check "one panic is in the dump" [ "$(console | grep -c 'vmcore: log: Kernel panic - not syncing: NMI from')" = 1 ]
check "in it the registers of all four CPUs" [ "$(console | grep -c 'vmcore: pstate')" = 4 ]
check "none was left" absent 'failed to stop secondary CPUs'
check "the crash kernel has both events again" shown 2 "sdei_nmi: taking the operator's NMI"
check "no SDEI call failed" absent -i 'sdei.*\(fail\|error\|disabling\|warn\)'
finish
