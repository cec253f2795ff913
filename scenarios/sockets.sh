# shellcheck shell=sh
# Eight vCPUs in two sockets of two clusters, whose affinities have holes: SDEI reaches each of
# them, and the right one.
. /lab/host/lib.sh
plan 15
qemu="env LD_PRELOAD=/lab/vmm/sparse.so $qemu"
guest -c 8,sockets=2,clusters=2,cores=2,threads=1 <<'END'
say "sockets $(cat /sys/devices/system/cpu/cpu*/topology/physical_package_id | tr '\n' ' ')"
backtraces
wedge 3 6
backtraces
echo c >/proc/sysrq-trigger
END
check "the guest comes to its panic, and ends" ended 200
check "eight CPUs in two sockets" seen 'guest: sockets \([0-9]*\) \1 \1 \1 \([0-9]*\) \2 \2 \2 $'
check "affinity of CPU 1" seen 'CPU1: Booted secondary processor 0x0*1 '
check "affinity of CPU 2" seen 'CPU2: Booted secondary processor 0x0*100 '
check "affinity of CPU 7" seen 'CPU7: Booted secondary processor 0x0*301 '
for cpu in 1 2 3 4 5 6 7; do
	check "CPU $cpu answers, both times" shown 2 "NMI backtrace for cpu $cpu"
done
# Where each backtrace is from that found its CPU spinning
spinning() { console | awk '/^NMI backtrace for cpu [0-9]$/ { cpu = $5 } /^pc : lkdtm_HARDLOCKUP\+/ { print cpu }'; }
check "those that spin are the wedged ones" [ "$(spinning | sort | tr '\n' ' ')" = "3 6 " ]
check "the panic stops both by SDEI" seen 'SMP: retry stop with SDEI NMI for CPUs 3,6$'
check "no CPU was left running" absent 'failed to stop secondary CPUs'
finish
