# shellcheck shell=sh disable=SC2119,SC2317,SC2329
# Live migration between hosts of two kernels, from the older one to the newer one and back,
# with SDEI state in flight (lab/guest/bare/signal.c). QEMU must not see the few registers
# that only one of them has (vmm/preload/common-regs.c).
. /lab/host/vmm.sh

if [ "${1:-}" = there ]; then
	plan 4
	vmm -p common-regs -i tcp:0.0.0.0:4444
	listens && tell 1 10.0.0.1
	check "a guest comes from the older kernel" came
	check "it continues" goes_on
	await 2
	check "it goes back" send tcp:10.0.0.1:4444
	check "no register changed in a handler or over one" no_complaint
	stop
	finish
fi

plan 6
vmm -p common-regs
check "the guest signals" goes_on
await 1
check "it migrates to the newer kernel" send tcp:10.0.0.2:4444
stop
vmm -p common-regs -i tcp:0.0.0.0:4444
listens && tell 2 10.0.0.2
check "it comes back" came
check "it continues" goes_on
check "the counts are exact on each CPU" counts
check "no register changed in a handler or over one" no_complaint
stop
finish
