# shellcheck shell=sh
# A guest that boots with one of its CPUs (maxcpus=1) and brings up the others later, but one of
# them never: each has event 0 from then on.
. /lab/host/lib.sh
plan 6
guest -c 4 -a 'kpti=off maxcpus=1' <<'END'
say "online $(cat /sys/devices/system/cpu/online)"
for cpu in 3 1; do
	echo 1 >/sys/devices/system/cpu/cpu$cpu/online
	online $cpu || say "CPU $cpu does not come"
done
wedge 3
backtraces
say "to panic"
echo c >/proc/sysrq-trigger
END
check "the guest comes as far as its panic" wait_for 120 'guest: to panic'
check "it boots with one CPU" seen 'guest: online 0$'
check "the others come" absent 'guest: CPU . does not come'
check "a late one answers when wedged" seen 'pc : lkdtm_HARDLOCKUP+'
check "and the panic stops it by SDEI" wait_for 40 'SMP: retry stop with SDEI NMI for CPUs 3'
check "no SDEI call failed" absent -i 'sdei.*\(fail\|error\|disabling\|warn\)'
stop
finish
