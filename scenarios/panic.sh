# shellcheck shell=sh
# A panic stops every CPU, a wedged one by SDEI, and the guest reboots:
# from a handler that never completes (C138).
. /lab/host/lib.sh
plan 5
guest -r yes <<'END'
wedge 1
echo c >/proc/sysrq-trigger
END
check "the wedged CPU is stopped by SDEI" wait_for 120 'SMP: retry stop with SDEI NMI for CPUs 1'
check "the guest boots again by itself" wait_for 120 'guest: up' 2
check "and finds SDEI again" wait_for 120 'sdei_nmi: using SDEI cross-CPU NMI' 2
stop
check "the panic was the one asked for" seen 'Kernel panic - not syncing: sysrq triggered crash'
check "no CPU was left running" absent 'failed to stop secondary CPUs'
finish
