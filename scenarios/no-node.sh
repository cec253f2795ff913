# shellcheck shell=sh
# Without the SDEI node the same kernel is a guest as before: no NMI, and no harm.
. /lab/host/lib.sh
plan 4
# Each report of an RCU stall would wait ten seconds for the wedged CPU, too.
guest -m none -a 'kpti=off rcupdate.rcu_cpu_stall_suppress=1' <<'END'
idle_backtraces
wedge 1
backtraces
hold
END
check "the guest stays alive" wait_for 180 "guest: done"
stop
check "it does not find SDEI" absent -i 'sdei: SDEIv\|using SDEI'
check "an idle CPU answers, to an interrupt" seen 'NMI backtrace for cpu 1 skipped: idling'
check "a wedged CPU's backtrace does not come" absent 'pc : lkdtm_HARDLOCKUP+'
finish
