# shellcheck shell=sh
# The operator's NMI gets through to a guest whose tasks sleep because their pages never come
# (lab/host/preload/late.c, the BAR of a PCI device): it panics.
. /lab/host/operator.sh
plan 4
late_device LATE_US=2000000000 LATE_MS=1000000
operated "$uefi" -c 1 -f /lab/Image <<'END'
file=$(late_memory)
taskset f work $file 4 0 100000 &
for _ in $(seq 60); do
	[ "$(asleep)" != 4 ] || say "four sleep"
	sleep 1
done
END
check "four tasks of a guest sleep" wait_for 200 'guest: four sleep'
check "QMP takes inject-nmi" injects
check "the guest panics" wait_for 60 "$panicked"
check "and ends" ended 60
finish
