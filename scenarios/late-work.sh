# shellcheck shell=sh disable=SC2317,SC2329
# What else a guest with one CPU gets done while its tasks touch memory that comes 50 ms late
# (lab/host/preload/late.c): where the CPU waits for each page, where only interrupts get through to
# it, and where the guest is told. The late memory is the BAR of a PCI device, and nothing else is
# late. One task that only touches pages shows what it costs to be told.
. /lab/host/lib.sh
plan 11
late_device LATE_US=50000 LATE_PAGES=100000 LATE_MS=1000
parameter=/sys/module/kvm/parameters/async_pf
seconds=10

# run MODE N|Y APPEND: and the exits for a page that one task touches
run() {
	echo "$2" >"$parameter"
	guest -c 1 -a "kpti=off $3" <<END
file=\$(late_memory)
say "0: \$(work \$file 0 1 $seconds)"
say "1: \$(work \$file 1 1 $seconds)"
say "4: \$(work \$file 4 1 $seconds)"
say "alone: \$(work \$file 1 0 $seconds)"
hold
END
	wait_for $((120 + 4 * seconds)) 'guest: 4: touched'
	exits=$(counter exits)
	wait_for $((120 + 4 * seconds)) 'guest: alone: touched' || { stop; return 1; }
	accepted=$(counter async_pf_accepted)
	echo "# $1: alone: $(of alone touched) pages, $(($(counter exits) - exits)) exits" >&3
	console | sed -n "s/.*guest: \\(.*: touched .*\\)/# $1: \\1/p" >&3
	stop
	true
}
# of N: the word after WORD in the line that begins with TASKS of the newest guest
of() { console | sed -n "s/.*guest: $1: .*$2 \\([0-9]*\\).*/\\1/p"; }
at_least() { [ "$1" -gt 0 ] && [ $(($2 * 10)) -ge $(($1 * $3)) ]; }	# A B N: B is N tenths of A

exec 3>&1
check "a guest whose CPU waits" run waits N no-kvmapf
waits1=$(of 1 computed) waits4=$(of 4 computed) pages4=$(of 4 touched) alone=$(of alone touched)
check "touches pages" [ "${pages4:-0}" -gt 0 ]
check "one whose CPU takes interrupts" run interrupts Y no-kvmapf
interrupts4=$(of 4 touched)
check "has more pages brought in" at_least "${pages4:-0}" "${interrupts4:-0}" 20
check "one that is told" run told Y ""
told1=$(of 1 computed) told4=$(of 4 computed) toldpages4=$(of 4 touched) toldalone=$(of alone touched)
check "accepts pages" [ "$accepted" -gt 0 ]
check "computes more while one task touches" at_least "${waits1:-0}" "${told1:-0}" 12
check "and while four do" at_least "${waits4:-0}" "${told4:-0}" 15
check "has more pages brought in" at_least "${pages4:-0}" "${toldpages4:-0}" 20
check "one task alone is not much slower" at_least "${alone:-0}" "${toldalone:-0}" 8
check "the parameter is as it was" sh -c "echo Y >$parameter"
echo "# computed: 1 touching $waits1 -> $told1, 4 touching $waits4 -> $told4; pages of 4: $pages4, $interrupts4, $toldpages4; alone: $alone -> $toldalone"
finish
