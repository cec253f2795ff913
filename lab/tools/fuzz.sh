#!/bin/bash
# Compare KVM with the model of SDEI in random steps, in an emulated host, for a while.
#   fuzz.sh SECONDS; SEED=... to repeat what was seen, MODE=nvhe or protected (lab/run/boot.sh)
. "$(dirname "$0")/../common.sh"

seconds=$1 seed=${SEED:-$(($(od -An -N4 -tu4 /dev/urandom)))}
storm=$((seconds / 4 + 1))
lab/build/rootfs.sh
new_run fuzz
say "Fuzzing for $seconds s, SEED=$seed"
lab/run/boot.sh -m "${MODE:-vhe}" -n fuzz -t $((seconds + 240)) "
	cd /lab/selftests/proof
	rc=0
	./sdei_fuzz_test -s $seed -t $((seconds - storm + 1)) || rc=1
	./sdei_storm_test -s $seed -t $storm || rc=1
	exit \$rc"
