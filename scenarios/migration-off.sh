# shellcheck shell=sh disable=SC2119,SC2317,SC2329
# Hosts and VMs without SDEI. The destination has SDEI turned off, which looks like an older
# kernel: QEMU refuses there, and the guest continues here. A guest whose VMM has turned SDEI
# off, or that comes from such a host, has none, and migrates and reboots as ever.
. /lab/host/vmm.sh
plan 16

vmm
check "the guest signals" goes_on
qmp "$dir" migrate-set-capabilities '"capabilities": [{"capability": "return-path", "state": true}]'
refused() { ! migrate -p no-sdei; }
check "it does not migrate to where SDEI is off" refused
check "QEMU there says what failed" grep "error while loading state for instance .* of device 'cpu'" "$target/qemu"
check "the guest continues here" goes_on
check "its counts are exact on each CPU" counts
stop

vmm -p no-sdei
check "with SDEI turned off a guest sees none" wait_for 90 '^up, without SDEI'
check "it migrates" migrate -p no-sdei
check "and back" migrate -p no-sdei
check "it continues" goes_on

# As if it came from an older kernel: this VMM does not turn SDEI off, the guest's state does.
check "it migrates to where SDEI is on" migrate
check "it continues" goes_on
# QEMU has a list of registers from before that, which it reads and writes at a reset.
qmp "$dir" system_reset
check "after a reset it starts anew, without SDEI" wait_for 90 'up, without SDEI'
check "it continues" goes_on
check "it migrates from there" migrate
check "it continues" goes_on
uart q
check "without SDEI all the time" wait_for 90 '^no SDEI all the time'
stop
finish
