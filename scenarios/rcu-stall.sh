# shellcheck shell=sh
# Linux's detector of RCU stalls finds a CPU that is wedged, and asks it for its backtrace:
# the report has its registers, by SDEI.
. /lab/host/lib.sh
plan 4
guest -a 'kpti=off rcupdate.rcu_cpu_stall_timeout=4' <<'END'
wedge 1
logged 'pc : lkdtm'
say "after the stall"
hold
END
check "the guest lives on" wait_for 150 'guest: after the stall'
check "the stall is detected" seen 'rcu: INFO: rcu.*detected.*stalls'
check "the wedged CPU's registers are in the report" seen 'pc : lkdtm_HARDLOCKUP+'
check "without an explicit request" absent 'sysrq: Show backtrace'
stop
finish
