# shellcheck shell=sh disable=SC2317,SC2329
# A guest that boots by device tree finds SDEI in QEMU's tree, but Linux has no way to register
# for the NMI there: the operator is told, and the guest is not harmed. With sdei=off
# there is no SDEI, and no NMI.
. /lab/host/operator.sh
plan 8
operated '' <<'END'
wedge 1
backtraces
hold
END
check "the guest stays alive" wait_for 120 "guest: done"
check "it finds SDEI, in QEMU's own tree" seen 'sdei: SDEIv1.1 (0x4b564d) detected in firmware\.'
check "the wedged CPU answers" seen 'pc : lkdtm_HARDLOCKUP+'
check "inject-nmi: it has not registered" refuses "$unregistered"
hmp() { ask human-monitor-command '"command-line": "nmi"' | grep "$unregistered"; }
check "so says the human monitor" hmp
stop

qemu="$series -M virt,sdei=off -accel kvm -cpu host -m 512 -nic none -display none"
operated '' <<'END'
hold
END
check "sdei=off: the guest starts" wait_for 120 "guest: done"
check "it finds no SDEI" absent -i 'sdei: SDEIv\|using SDEI'
check "inject-nmi: there are no NMIs" refuses "$none"
stop
finish
