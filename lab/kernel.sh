#!/bin/bash
# Build the kernel that is host and guest at once, in build/BASE/obj, from
# lab/kernel.config and bases/BASE/config over allnoconfig. With "nosdei" as argument:
# a guest kernel without SDEI, in build/BASE/obj-nosdei, started from a copy of the first.
. "$(dirname "$0")/lib.sh"

OBJ=$OUT/obj
wanted=(lab/kernel.config); [ ! -r "bases/$BASE/config" ] || wanted+=("bases/$BASE/config")
variant=${1:-}
if [ "$variant" = nosdei ]; then
	# Any kernel of this base will do as that guest: not built again for every edit.
	sum=$(SALT=$(git -C "$LINUX" rev-parse refs/lab/base) checksum "${wanted[@]}")
	! stamped "$OUT/obj-nosdei/lab-stamp" "$sum" || exit 0
	rm -rf "$OUT/obj-nosdei"
	step "copying the object folder" kernel-copy cp -a --reflink=auto "$OBJ" "$OUT/obj-nosdei"
	OBJ=$OUT/obj-nosdei
	"$LINUX/scripts/config" --file "$OBJ/.config" -d ARM_SDE_INTERFACE
fi
mkdir -p "$OBJ"
make=("${KMAKE[@]}" -C "$LINUX" "O=$OBJ")

if [ -z "$variant" ]; then
	sum=$(SALT=$(git -C "$LINUX" rev-parse refs/lab/base) checksum "${wanted[@]}")
	if ! stamped "$OBJ/lab-config-stamp" "$sum" || [ ! -r "$OBJ/.config" ]; then
		cat "${wanted[@]}" >"$OBJ/lab.config"
		step "configuring the kernel" kernel-config env KCONFIG_ALLCONFIG="$OBJ/lab.config" \
			"${make[@]}" allnoconfig
		# Kconfig drops what it cannot have without a word.
		lost=$(grep '^CONFIG_' "$OBJ/lab.config" | grep -vxFf "$OBJ/.config" || :)
		[ -z "$lost" ] || die "these options did not stick: $lost"
		echo "$sum" >"$OBJ/lab-config-stamp"
	fi
fi

# How many lines a whole build prints: counted last time, else a guess. How many of
# them this run needs is known to make only.
total=1900
[ ! -r "$OUT/kernel-lines" ] || total=$(cat "$OUT/kernel-lines")
first=yes; [ ! -f "$OBJ/arch/arm64/boot/Image" ] || first=''
progress=(); [ -z "$first" ] || progress=(-c '^  [A-Z]' "$total")
step ${progress[@]+"${progress[@]}"} "building the ${variant:+guest }kernel${variant:+ without SDEI}" \
	"kernel${variant:+-$variant}" "${make[@]}" olddefconfig Image
[ -z "$first" ] || grep -c '^  [A-Z]' "$LOGS/kernel${variant:+-$variant}.log" >"$OUT/kernel-lines"
[ "$variant" != nosdei ] || echo "$sum" >"$OBJ/lab-stamp"
