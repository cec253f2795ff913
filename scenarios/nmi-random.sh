# shellcheck shell=sh disable=SC2119,SC2317,SC2329
# NMIs at random moments of a guest's run, a third of them around live migrations: before, while
# and after. A guest that only counts (lab/guest/bare/nmi.c) takes each one once.
. /lab/host/operator.sh
plan 5
times=${TIMES:-${LONG:+1000}}
times=${times:-10} moves=0 late=0
bare="$series -nodefaults -no-user-config -M virt,gic-version=3 -accel kvm -cpu host
	-smp 2 -m 16 -display none -kernel /lab/guest-bare/nmi.bin"

random() { echo $(($(od -An -N2 -tu2 /dev/urandom) % $1)); }

# While it moves: it may have stopped already, and then QMP says so, and it counts no more there.
while_moving() {
	source=$dir source_log=$log source_vmm=$vmm socket=/tmp/migrate.$$.$guests
	vmm -i "unix:$socket" || return 1
	target=$dir target_vmm=$vmm
	within 90 test -S "$socket" || return 1
	back
	ends='"MIGRATION".*"\(completed\|failed\)"'
	qmp "$dir" migrate "\"uri\": \"unix:$socket\""
	usleep "$(random 400000)"
	injects && answered=yes || answered=''
	wait_file 90 "$dir/qmp" "$ends" || return 1
	[ -n "$answered" ] || refuses "$away" || return 1
	stop
	dir=$target log=$target/console vmm=$target_vmm
	arrived running || return 1
	[ -z "$answered" ] || return 0
	late=$((late + 1))
	injects
}
again_and_again() {
	for n in $(seq "$times"); do
		case $(random 30) in
		[0-2]) injects && migrate || return 1; moves=$((moves + 1)) ;;
		[3-7]) while_moving || return 1; moves=$((moves + 1)) ;;
		8|9) migrate && injects || return 1; moves=$((moves + 1)) ;;
		*) usleep "$(random 30000)"; injects || return 1 ;;
		esac
		# Where its line was printed, before or after a migration, does not matter.
		count=$n
		within 60 counted || { console | tail -n 3; return 1; }
	done
}
counted() { grep -q -h "^nmi $count 0" /tmp/guest."$$".*/console; }
vmm
check "the guest has registered" wait_for 60 'up, with SDEI'
check "$times NMIs, each is taken before the next one" again_and_again
echo "# $moves migrations, $late NMIs refused on the way and raised again after it"
uart q
check "the guest ends" ended 20
check "with each NMI taken once" seen "^in all: nmi $times 0"
check "without a complaint" no_complaint
finish
