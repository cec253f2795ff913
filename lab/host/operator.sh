# shellcheck shell=sh disable=SC2034
# For the scenarios with the QEMU of vmm/qemu: guests that boot by UEFI and ACPI, and the
# operator's NMI, by QMP. What vmm.sh has works for all of them.
# shellcheck disable=SC1091
. /lab/host/vmm.sh

[ -x /lab/qemu/qemu-system-aarch64 ] || { echo "1..0 # SKIP no QEMU of the series: make qemu"; exit 4; }
stock='qemu-system-aarch64'
series=/lab/qemu/qemu-system-aarch64
uefi="-bios /usr/share/qemu-efi-aarch64/QEMU_EFI.fd"
qemu="$series -M virt -accel kvm -cpu host -m 512 -nic none -display none"

# operated FIRMWARE GUEST-OPTIONS: guest of lib.sh with QMP, whose tree is QEMU's own.
operated() {
	dir=/tmp/guest.$$.$((${guests:-0} + 1)) options=$1
	shift
	mkdir -p "$dir"
	mkfifo "$dir/qmp.in" "$dir/qmp.out"
	: >"$dir/qmp"
	cat "$dir/qmp.out" >>"$dir/qmp" &
	guest -m none -q "$options -chardev pipe,id=qmp,path=$dir/qmp -mon chardev=qmp,mode=control" "$@"
	wait_file 60 "$dir/qmp" '"QMP"' || fail "the VMM does not start" || return 1
	qmp_done "$dir" qmp_capabilities
	qmp_done "$dir" migrate-set-capabilities '"capabilities": [{"capability": "events", "state": true}]'
}

# ask COMMAND [ARGUMENTS]: what QMP answers.
ask() {
	qmp_done "$dir" "$@"
	grep '^{"\(return\|error\)"' "$dir/qmp" | tail -n 1
}
injects() { ask inject-nmi | grep '^{"return": {}}'; }
refuses() { ask inject-nmi | grep "\"desc\": \"$1\""; }
unregistered='the guest has not registered for the NMI'
none='machine does not provide NMIs'
away='the guest is migrating, and would lose the NMI'
panicked='Kernel panic - not syncing: Arm Generic Diagnostic Dump and Reset SDEI event issued'
