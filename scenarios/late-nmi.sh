# shellcheck shell=sh
# The operator's NMI gets through to a guest whose tasks sleep because their pages never come
# (lab/host/preload/late.c, the BAR of a PCI device): it panics.
. /lab/host/operator.sh
plan 4
qemu="env LD_PRELOAD=/lab/vmm/async-pf.so:/lab/vmm/late.so LATE_MIB=64 LATE_US=2000000000 LATE_MS=1000000
	$qemu -object memory-backend-memfd,id=late,size=64M,share=on -device ivshmem-plain,memdev=late"
operated "$uefi" -c 1 -f /lab/Image <<'END'
for device in /sys/bus/pci/devices/*; do
	if [ -e $device/resource2_wc ]; then
		echo 1 >$device/enable
		file=$device/resource2_wc
	fi
done
taskset f work $file 4 0 100000 &
for _ in $(seq 60); do
	[ "$(cat /proc/[0-9]*/stack 2>/dev/null | grep -c async_pf_wait)" != 4 ] || say "four sleep"
	sleep 1
done
END
check "four tasks of a guest sleep" wait_for 200 'guest: four sleep'
check "QMP takes inject-nmi" injects
check "the guest panics" wait_for 60 "$panicked"
check "and ends" ended 60
finish
