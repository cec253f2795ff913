#!/bin/bash
# Run selftests, one after another, in the emulated host, with their output on screen.
#   TESTS="sdei_test ..." names them, ARGS="..." are their arguments;
#   MODE=nvhe or protected (lab/run/boot.sh), SECONDS=600 for all of them
. "$(dirname "$0")/../common.sh"

limit=$1 job='rc=0'
for test in ${TESTS:-}; do
	path=$(grep -E "(^|/)$test\$" "$OUT/selftests/list") ||
		die "no selftest '$test'; there are:" "$(sed 's,.*/,,' "$OUT/selftests/list" | tr '\n' ' ')"
	job+="
echo '# $path ${ARGS:-}'
timeout -s KILL $limit /lab/selftests/$path ${ARGS:-} || rc=1"
done
[ "$job" != rc=0 ] || die "which selftest? TESTS=\"sdei_test ...\"; there are:" \
	"$(sed 's,.*/,,' "$OUT/selftests/list" | tr '\n' ' ')"
lab/build/rootfs.sh
new_run selftest
lab/run/boot.sh -m "${MODE:-vhe}" -n selftest -t $((limit + 60)) "$job
exit \$rc"
