# shellcheck shell=sh disable=SC2119,SC2317,SC2329
# A guest migrates by post-copy, and the network breaks: its CPU, interrupts masked, waits at the
# destination for a page that does not come (lab/guest/bare/pages.c). The operator's NMI gets
# through to it, and QMP's stop does. Then the migration recovers, and no page is wrong.
. /lab/host/operator.sh
plan 13
bare="$series -nodefaults -no-user-config -M virt,gic-version=3 -accel kvm -cpu host
	-m 16 -display none -kernel /lab/guest-bare/pages.bin"

post_copy() {
	qmp_done "$dir" migrate-set-capabilities '"capabilities": [{"capability": "postcopy-ram", "state": true}]'
}
# status STATUS: of the migration
status() {
	for _ in $(seq 600); do
		ask query-migrate | grep -q "\"status\": \"$1\"" && return
		usleep 100000
	done
	fail "the migration is not $1"
}
# It has come to a page, and not past it for ten times as long as one takes.
waits() {
	for _ in $(seq 600); do
		before=$(console | grep -c '^page')
		usleep 500000
		[ "$before" != 0 ] && [ "$(console | grep -c '^page')" = "$before" ] && return
	done
	fail "it does not wait"
}
stopped() {
	ask stop && ask query-status | grep '"status": "paused"' && ask cont
}
sums_up() { ended 60 && seen '^in all: nmi 1$'; }
counted() { [ "$(counter "$1")" -gt 0 ]; }

vmm
check "the guest has filled its memory" wait_for 60 '^page 20'
post_copy
# 8 MiB take two minutes
qmp_done "$dir" migrate-set-parameters '"max-bandwidth": 65536, "max-postcopy-bandwidth": 65536'
source=$dir source_log=$log source_vmm=$vmm socket=/tmp/migrate.$$
vmm -i defer
target=$dir target_vmm=$vmm
post_copy
qmp_done "$dir" migrate-incoming "\"uri\": \"unix:$socket\""
back
qmp_done "$dir" migrate "\"uri\": \"unix:$socket\""
check "a migration has begun" status active
qmp_done "$dir" migrate-start-postcopy
check "post-copy begins" status postcopy-active
dir=$target log=$target/console vmm=$target_vmm
check "the guest runs there" wait_for 60 '^page' 3
back
qmp_done "$dir" migrate-pause
check "the network breaks" status postcopy-paused
dir=$target log=$target/console vmm=$target_vmm
check "the guest waits for a page" waits
check "in a work item" counted async_pf_started
check "an NMI" injects
check "is taken meanwhile" wait_for 20 '^nmi 1$'
check "QMP stop and cont return" stopped
qmp_done "$dir" migrate-recover "\"uri\": \"unix:$socket.again\""
back
qmp_done "$dir" migrate-set-parameters '"max-bandwidth": 0, "max-postcopy-bandwidth": 0'
qmp_done "$dir" migrate "\"uri\": \"unix:$socket.again\", \"resume\": true"
check "the migration recovers, and completes" status completed
stop
dir=$target log=$target/console vmm=$target_vmm
check "the guest continues, and finds each page" wait_for 120 '^round'
uart q
check "it ends, with one NMI and no wrong page" sums_up
finish
