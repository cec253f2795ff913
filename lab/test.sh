#!/bin/bash
# Prove it: static checks, selftests and guest scenarios, in every mode of the host.
#   SUITES="..." limits it to some suites (lab/suite.sh), TESTS="..." to some programs.
. "$(dirname "$0")/lib.sh"

SUITES=${SUITES:-static vhe-guests nvhe-guests protected-guests vhe-selftests nvhe-selftests protected-selftests vhe-leaks${LONG:+ vhe-long nvhe-long protected-long}}
start=$SECONDS
case $SUITES in *-guests*) lab/kernel.sh nosdei ;; esac
lab/rootfs.sh

# Two emulated hosts side by side: a guest mostly waits.
COUNTS=$(mktemp)
export COUNTS
trap 'rm -f "$COUNTS"' EXIT
say "Testing, ${HOSTS:-2} suites at a time: $SUITES"
# shellcheck disable=SC2086
printf '%s\n' $SUITES | xargs -P "${HOSTS:-2}" -n 1 lab/suite.sh || {
	say "FAILED a suite broke, see above"
	echo 0 1 0 >>"$COUNTS"
}

# Is each case that the selftests are said to show among their results?
if [ -z "${TESTS:-}" ] && [[ " $SUITES " == *" vhe-selftests "* ]]; then
	if awk -f lab/cases.awk "$LOGS/vhe-selftests.out" tests/cases; then
		echo 1 0 0 >>"$COUNTS"
	else
		echo 0 1 0 >>"$COUNTS"
	fi
fi

read -r passed failed skipped < <(awk '{ p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }' "$COUNTS")
say "in $((SECONDS - start)) s; logs: ${LOGS#"$ROOT"/}"
if [ "$skipped" -gt 0 ]; then
	say "$passed passed, $failed failed, $skipped skipped"
else
	say "$passed passed, $failed failed"
fi
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
