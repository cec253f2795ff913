#!/bin/bash
# Run the suites of `make test` for one base: static checks, selftests and guest scenarios,
# in every mode of the host. Appends its counts to the file $COUNTS.
. "$(dirname "$0")/lib.sh"

# A base that is not the main one may name fewer. The long ones first, to end at one time.
SUITES=${SUITES:-vhe-guests protected-selftests protected-guests static nvhe-selftests nvhe-guests vhe-selftests vhe-leaks pair-$BASE-pristine bench}
start=$SECONDS
case $SUITES in
*-guests*)
	if [ "$GUEST" = "$BASE" ]; then lab/kernel.sh nosdei; else BASE=$GUEST KDIR='' lab/kernel.sh nosdei; fi
	;;
esac
case $SUITES in
*-pristine*|*bench*)
	say "The kernel without the series:"
	PATCHES=0 lab/fetch.sh && PATCHES=0 lab/tree.sh && PATCHES=0 lab/kernel.sh
	;;
esac
lab/rootfs.sh

# Two emulated hosts side by side: a guest mostly waits.
say "Testing $BASE, ${HOSTS:-2} suites at a time: $SUITES"
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
say "in $((SECONDS - start)) s; logs: ${LOGS#"$ROOT"/}"
