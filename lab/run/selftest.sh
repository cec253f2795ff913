#!/bin/bash
# Run selftests, one after another, in the emulated host, with their output on screen.
#   TESTS="sdei_test ..." names them, ARGS="..." are their arguments;
#   MODE=nvhe or protected (lab/run/boot.sh), SECONDS=600 for all of them
#   selftest.sh -n: only see that TESTS names selftests
. "$(dirname "$0")/../common.sh"

limit=$1 job='rc=0' list=$(lab/build/selftests.sh list)
there="there are: $(xargs -n 1 basename <<<"$list" | tr '\n' ' ')"
for test in ${TESTS:-}; do
	path=$(grep -E "(^|/)$test\$" <<<"$list") || die "no selftest '$test'; $there"
	job+="
echo '# $path ${ARGS:-}'
timeout -s KILL $limit /lab/selftests/$path ${ARGS:-} || rc=1"
done
[ "$job" != rc=0 ] || die "which selftest? TESTS=\"sdei_test ...\"; $there"
[ "$limit" != -n ] || exit 0
lab/build/rootfs.sh
new_run selftest
lab/run/boot.sh -m "${MODE:-vhe}" -n selftest -t $((limit + 60)) "$job
exit \$rc"
