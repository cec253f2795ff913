# shellcheck shell=sh
# Eight vCPUs on a host that has fewer: CPUs 4 and 7 are wedged, and each answers from where
# it spins; the other CPUs keep running.
. /lab/host/lib.sh
plan 6
guest -c 8 <<'END'
wedge 4 7
backtraces
say "still running: $(online 1 && taskset 2 echo CPU 1), $(online 5 && taskset 20 echo CPU 5)"
hold
END
check "the guest stays alive" wait_for 120 'guest: done'
stop
check "eight CPUs" seen 'guest: up, 8 CPUs'
# Where each backtrace is from that found its CPU spinning
spinning() { console | awk '/^NMI backtrace for cpu [0-9]$/ { cpu = $5 } /^pc : lkdtm_HARDLOCKUP\+/ { print cpu }'; }
for cpu in 4 7; do
	check "wedged CPU $cpu answers from where it spins" sh -c "echo '$(spinning)' | grep -qx $cpu"
done
check "no other CPU spins" [ "$(spinning | sort | tr '\n' ' ')" = "4 7 " ]
check "CPUs 1 and 5 still run" seen 'guest: still running: CPU 1, CPU 5'
finish
