# shellcheck shell=sh
# Four vCPUs: three of them wedged, each answers; a panic stops them all.
. /lab/host/lib.sh
plan 7
guest -c 4 <<'END'
backtraces
wedge 1 2 3
backtraces
echo c >/proc/sysrq-trigger
END
check "the guest ends by itself" ended 120
check "four CPUs" seen 'guest: up, 4 CPUs'
for cpu in 1 2 3; do
	check "wedged CPU $cpu answers" seen "NMI backtrace for cpu $cpu\$"
done
check "the panic stops all three by SDEI" seen 'SMP: retry stop with SDEI NMI for CPUs 1-3'
check "no CPU was left running" absent 'failed to stop secondary CPUs'
finish
