# shellcheck shell=sh
# sysrq-b reboots a guest with a CPU that is wedged: SDEI stops that CPU.
. /lab/host/lib.sh
plan 5
guest -r yes <<'END'
wedge 1
echo b >/proc/sysrq-trigger
END
check "the wedged CPU is stopped by SDEI" wait_for 100 'SMP: retry stop with SDEI NMI for CPUs 1'
check "the guest boots again" wait_for 60 'guest: up' 2
check "no CPU was left running" absent 'failed to stop secondary CPUs'
stop
guest -m none -r yes <<'END'
wedge 1
echo b >/proc/sysrq-trigger
END
check "without SDEI that CPU is left running" wait_for 100 'SMP: failed to stop secondary CPUs 1'
check "and the guest boots again nevertheless" wait_for 60 'guest: up' 2
stop
finish
