# shellcheck shell=sh disable=SC2119,SC2317,SC2329
# Migration to a host that has the same kernel without the series: QEMU refuses there, and
# the guest continues here. A guest whose VMM has turned SDEI off migrates there and back.
. /lab/host/vmm.sh

if [ "${1:-}" = there ]; then
	plan 5
	vmm -i tcp:0.0.0.0:4444
	listens && tell 1 10.0.0.1
	refused() { ! ended 200; }
	check "QEMU refuses a guest that has SDEI" refused
	check "and says what failed" grep "error while loading state for instance .* of device 'cpu'" "$dir/qemu"
	vmm -i tcp:0.0.0.0:4444
	listens && tell 2 10.0.0.1
	check "a guest whose VMM has turned SDEI off arrives" came
	check "it continues" goes_on
	await 3
	check "and goes back" send tcp:10.0.0.1:4444
	stop
	finish
fi

plan 9
vmm
check "the guest signals" goes_on
qmp "$dir" migrate-set-capabilities '"capabilities": [{"capability": "return-path", "state": true}]'
await 1
refused() { ! send tcp:10.0.0.2:4444; }
check "it does not migrate to a host without the series" refused
check "the guest continues here" goes_on
check "its counts are exact on each CPU" counts
stop

vmm -p no-sdei
check "with SDEI turned off a guest sees none" wait_for 90 '^up, without SDEI'
await 2
check "it migrates there" send tcp:10.0.0.2:4444
stop
vmm -i tcp:0.0.0.0:4444
listens && tell 3 10.0.0.2
check "and back" came
check "it continues" goes_on
uart q
check "without SDEI all the time" wait_for 90 '^no SDEI all the time'
stop
finish
