# shellcheck shell=sh disable=SC2119,SC2317,SC2329
# QEMU resets a guest that has migrated, with events pending and a handler entered: the guest
# starts anew, finds each CPU as after power-on (signal.c looks) and uses SDEI again.
. /lab/host/vmm.sh
plan 9
# What it says first may follow the half of a line that the reset has cut off.

vmm
check "the guest signals" goes_on
check "it migrates" migrate
check "it continues" goes_on
qmp "$dir" system_reset
check "after a reset it starts anew" wait_for 90 'up, with SDEI'
check "it migrates again" migrate
check "it continues" goes_on

# Once more, and off it goes before any CPU has run.
stopped_and_reset() {
	qmp_done "$dir" stop && qmp_done "$dir" system_reset && send "exec:cat >/tmp/reset" || return 1
	stop
	vmm -i "exec:cat /tmp/reset" && arrived prelaunch && qmp "$dir" cont && wait_for 90 'up, with SDEI'
}
check "stopped, reset and migrated it starts anew" stopped_and_reset
check "its counts are exact on each CPU" counts
check "no event came that was not signalled after the reset" no_complaint
stop
finish
