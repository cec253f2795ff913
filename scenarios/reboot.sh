# shellcheck shell=sh
# The guest reboots by itself and finds SDEI again, as on the first day (C148).
. /lab/host/lib.sh
plan 4
guest -r yes <<'END'
sleep 1
backtraces
say "going to reboot"
sleep 1
reboot -f
END
check "three boots in a row find SDEI" wait_for 120 'sdei_nmi: using SDEI cross-CPU NMI' 3
check "and on the third CPU 1 still answers" wait_for 120 'NMI backtrace for cpu 1' 3
stop
check "with the right version" shown 3 'sdei: SDEIv1.1 (0x4b564d) detected in firmware\.'
check "no SDEI call failed" absent -i 'sdei.*\(fail\|error\|disabling\|warn\)'
finish
