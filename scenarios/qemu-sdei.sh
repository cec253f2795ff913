# shellcheck shell=sh disable=SC2317,SC2329
# QEMU's properties of machine and CPU, and its machine types, as the device tree shows them, with
# KVM's SDEI and without (vmm/preload/no-sdei.c); the qtest of the series; the example for other VMMs.
. /lab/host/operator.sh
plan 20

# tree OPTIONS: the conduit in the guest's node of SDEI, or QEMU's error.
tree() {
	rm -f /tmp/virt.dtb
	machine=$1
	shift
	LD_PRELOAD=$preload $series -M "$machine,dumpdtb=/tmp/virt.dtb" -accel kvm -smp 2 -nic none "$@" 2>&1
	[ ! -f /tmp/virt.dtb ] || fdtget /tmp/virt.dtb /firmware/sdei method 2>&1
}
says() { # TEXT OPTIONS
	wanted=$1
	shift
	tree "$@" | grep "$wanted"
}
# The CPU's own property, once there is a vCPU.
property() {
	printf '%s\n' 'qom-get /machine/unattached/device[0] kvm-sdei' quit |
		LD_PRELOAD=$preload $series -M virt -accel kvm -cpu host -nic none -display none -S -monitor stdio 2>&1 |
		tr -d '\r' | grep "^$1"
}
preload='' absent='FDT_ERR_NOTFOUND' refused='mach-virt: KVM does not support providing SDEI to the guest'
check "virt: SDEI" says '^hvc$' virt -cpu host
check "-cpu max: SDEI" says '^hvc$' virt -cpu max
check "virt-10.0: none" says $absent virt-10.0 -cpu host
check "virt-10.0,sdei=on: SDEI" says '^hvc$' virt-10.0,sdei=on -cpu host
check "virt-6.2: none" says $absent virt-6.2 -cpu host
check "sdei=off: none" says $absent virt,sdei=off -cpu host
check "kvm-sdei=off: none" says $absent virt -cpu host,kvm-sdei=off
check "kvm-sdei=on: SDEI" says '^hvc$' virt -cpu host,kvm-sdei=on
check "the property then says true" property true
check "sdei=on with kvm-sdei=off: refused" says "$refused" virt,sdei=on -cpu host,kvm-sdei=off
check "a guest in AArch32: none" says $absent virt -cpu host,aarch64=off
check "in AArch32, sdei=on: refused" says "$refused" virt,sdei=on -cpu host,aarch64=off
preload=/lab/vmm/no-sdei.so
check "KVM without SDEI: none" says $absent virt -cpu host
check "the property then says false" property false
check "KVM without, sdei=on: refused" says "$refused" virt,sdei=on -cpu host
check "KVM without, kvm-sdei=on: refused" says 'KVM does not provide SDEI for this vCPU' virt -cpu host,kvm-sdei=on
check "KVM without, sdei=off: none" says $absent virt,sdei=off -cpu host

check "the qtest of the series" env QTEST_QEMU_BINARY=$series /lab/qemu/arm-virt-sdei-test
sed 's/^/# /' /tmp/check.log
example() {
	/lab/qemu/example "$@" >/tmp/example
	cat /tmp/example
	printf '%s\n' "$said" | cmp - /tmp/example
}
said='SDEI: yes
node: <no error>
tables: SDEI 36, AGDI 48
before it runs: the guest has not registered for the NMI
while it spins: raised
the guest'"'"'s handler runs'
check "the example: its guest takes the NMI while it spins" example
said='turned off: Success
SDEI: no
node: <no error>
tables: SDEI 36, AGDI 48
before it runs: the VM has no NMI'
check "the example, with SDEI turned off" example off
finish
