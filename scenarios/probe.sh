# shellcheck shell=sh
# A stock guest finds SDEI, by either conduit (C140, C141).
. /lab/host/lib.sh
plan 8
for conduit in hvc smc; do
	guest -a '' -m $conduit </dev/null
	check "$conduit: the guest boots and powers off" ended 120
	check "$conduit: it finds SDEI 1.1 of KVM" seen 'sdei: SDEIv1.1 (0x4b564d) detected in firmware\.'
	check "$conduit: event 0 is registered and enabled on every CPU" seen 'sdei_nmi: using SDEI cross-CPU NMI (SDEI_EVENT_SIGNAL, event 0)'
	check "$conduit: no call failed" absent -i 'sdei.*\(fail\|error\|disabling\|warn\)'
done
finish
