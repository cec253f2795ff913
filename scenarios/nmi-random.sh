# shellcheck shell=sh disable=SC2034,SC2119,SC2162,SC2317,SC2329,SC3028,SC3045
# NMIs at random moments of a guest's run, and before, while and after live migrations, one after
# the other until QEMU refuses one. A guest that only counts (lab/guest/bare/nmi.c) takes each one
# that QEMU took, once, and none that QEMU refused. Nothing loses one but a reset.
. /lab/host/operator.sh
plan 5
times=${TIMES:-${LONG:+1000}}
times=${times:-30}
raised=0 refused=0 moves=0 meanwhile=0 resets=0 count=0
bare="$series -nodefaults -no-user-config -M virt,gic-version=3 -accel kvm -cpu host
	-smp 2 -m 16 -display none -kernel /lab/guest-bare/nmi.bin"

# Here a process that starts takes longer than an NMI, so none is started for one.
mkfifo /tmp/never.$$ && exec 9<>/tmp/never.$$
nap() { # at most so many microseconds
	t=$((1000000 + (RANDOM * 32768 + RANDOM) % $1))
	read -r -t "0.${t#1}" <&9
}
# What the VMM of that folder says from here on: by QMP (file 6), and its guest (7).
listen() {
	dir=$1 log=$1/console vmm=$2 piece6='' piece7=''
	exec 6<"$dir/qmp" 7<"$log"
}
# next FILE: the next line there, in $line. It may come in pieces.
next() {
	if IFS='' read -r line <&"$1"; then
		eval "line=\$piece$1\$line piece$1=''"
		case $line in *'"MIGRATION"'*'"completed"'*) left=yes ;; esac
	else
		eval "piece$1=\$piece$1\$line"
		nap 20000
		return 1
	fi
}
says() { # FILE TEXT: a line there begins with that
	next "$1" && case $line in $2*) ;; *) false ;; esac
}
# in_time COMMAND...: until it succeeds; 2 if it never does.
in_time() {
	uptime
	end=$((uptime + 90))
	until "$@"; do
		uptime
		[ "$uptime" -lt "$end" ] || { fail "not within 90 s: $*"; return 2; }
	done
}

# An NMI: 0 if QEMU took it, 1 if QEMU refused it because the guest migrates.
raise() {
	id=$((${id:-0} + 1))
	echo "{\"execute\": \"inject-nmi\", \"id\": $id}" 1<>"$dir/qmp.in"
	in_time says 6 "*\"id\": ${id}[,}]" || return
	case $line in
	*'"return": {}'*) raised=$((raised + 1)) count=$((count + 1)) untaken=yes ;;
	*"\"$away\""*) refused=$((refused + 1)); return 1 ;;
	*) echo "$line"; return 2 ;;
	esac
}
must_refuse() {
	raise
	[ $? = 1 ] || { echo "QEMU takes what it must lose: $1"; return 2; }
}
# The guest prints the count when it has changed, and again now and then, wherever it is by then.
counted() { says 7 "nmi $count 0" && untaken=''; }
taken() { in_time counted; }
has_left() { next 6; [ -n "$left" ]; }
counted_or_left() { counted || has_left; }

run() {
	nap 30000
	raise && taken
}
move() {
	source=$dir source_vmm=$vmm socket=/tmp/migrate.$$.$guests
	vmm -i "unix:$socket" || return
	target=$dir target_vmm=$vmm
	within 90 test -S "$socket" || return
	listen "$target" "$target_vmm"
	must_refuse "the guest is not there yet" || return

	listen "$source" "$source_vmm"
	run || return
	left=''
	qmp "$dir" migrate "\"uri\": \"unix:$socket\""
	nap 300000
	while raise; rc=$?; [ "$rc" = 0 ]; do
		meanwhile=$((meanwhile + 1))
		in_time counted_or_left || return
		nap 30000
	done
	[ "$rc" = 1 ] && in_time has_left || return
	must_refuse "the guest has left" || return
	stop

	listen "$target" "$target_vmm"
	[ -z "$untaken" ] || taken || return
	until raise; do [ $? = 1 ] || return 2; done
	taken && arrived running && moves=$((moves + 1))
}
# A masked CPU takes no NMI: the reset takes it away.
reset() {
	uart m
	in_time says 7 '*masked' && raise || return
	qmp "$dir" system_reset
	in_time says 7 '*up, with SDEI' || return
	resets=$((resets + 1)) count=0 untaken=''
}
again_and_again() {
	for n in $(seq "$times"); do
		if [ $((n % 50)) = 20 ]; then reset; elif [ $((n % 14)) = 7 ]; then move; else run; fi || return
		[ "$raised" -lt "$times" ] || return 0
	done
}
vmm
check "the guest has registered" wait_for 60 'up, with SDEI'
listen "$dir" "$vmm"
check "$times NMIs, each is taken before the next one" again_and_again
echo "# $raised NMIs, $meanwhile of them while one of $moves migrations was going on," \
	"$resets lost by a reset; $refused more refused"
uart q
check "the guest ends" ended 60
check "with each NMI since the last reset taken once" seen "^in all: nmi $count 0"
check "without a complaint" no_complaint
finish
