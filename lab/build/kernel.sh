#!/bin/bash
# Build the kernel that is host and guest at once, in build/BASE/obj, from
# kernel.config, bases/BASE/config, the config of the whole series and the flavour's over
# allnoconfig. With "guest" as argument: the guests' kernel, where it is another base's, or
# the host's has a flavour. With "nosdei": a guest kernel without SDEI, in
# build/BASE/obj-nosdei, from nosdei.config.
. "$(dirname "$0")/../common.sh"

variant=${1:-}
if [ "$variant" = guest ]; then
	[ "$GUEST_OUT" != "$OUT" ] || exit 0
	exec "${MAKE:-make}" --no-print-directory kernel BASE="$GUEST" KDIR= FLAVOUR=
fi
OBJ=$OUT/obj${variant:+-$variant}
wanted=("lab/build/${variant:-kernel}.config")
[ -n "$variant" ] || [ ! -r "bases/$BASE/config" ] || wanted+=("bases/$BASE/config")
[ -n "$variant$PATCHES" ] || [ ! -r "$PATCH_DIR/config" ] || wanted+=("$PATCH_DIR/config")
[ -n "$variant" ] || [ -z "$FLAVOUR" ] || wanted+=("lab/build/flavours/$FLAVOUR/config")
sum=$(SALT=$(git -C "$LINUX" rev-parse refs/lab/base) checksum "${wanted[@]}")
# Any kernel of this base will do as that guest: not built again for every edit.
[ -z "$variant" ] || ! stamped "$OBJ/lab-stamp" "$sum" || exit 0
mkdir -p "$OBJ"
make=("${KMAKE[@]}" -C "$LINUX" "O=$OBJ")
[ -n "$variant" ] || make+=(${MAKE_OPTIONS[@]+"${MAKE_OPTIONS[@]}"})

if ! stamped "$OBJ/lab-config-stamp" "$sum" || [ ! -r "$OBJ/.config" ]; then
	# Of several words on one option the last one counts.
	KCONFIG_CONFIG=$OBJ/lab.config "$LINUX/scripts/kconfig/merge_config.sh" -m -Q -O "$OBJ" \
		"${wanted[@]}" >/dev/null
	step "configuring the ${variant:+guest }kernel${variant:+ without SDEI}" "kernel-config${variant:+-$variant}" \
		env KCONFIG_ALLCONFIG="$OBJ/lab.config" "${make[@]}" allnoconfig
	# Kconfig drops what it cannot have without a word.
	lost=$(grep '^CONFIG_' "$OBJ/lab.config" | grep -vxFf "$OBJ/.config" || :)
	[ -z "$lost" ] || die "these options did not stick: $lost"
	echo "$sum" >"$OBJ/lab-config-stamp"
fi

# How many lines a whole build prints: counted last time, else a guess. How many of
# them this run needs is known to make only.
total=${variant:+900}; total=${total:-1900}
[ ! -r "$OBJ/lab-lines" ] || total=$(cat "$OBJ/lab-lines")
first=yes; [ ! -f "$OBJ/arch/arm64/boot/Image" ] || first=''
progress=(); [ -z "$first" ] || progress=(-c '^  [A-Z]' "$total")
what="the ${variant:+guest }kernel${variant:+ without SDEI}"
if [ -n "$first" ]; then what="building $what"; else what="bringing $what up to date"; fi
step ${progress[@]+"${progress[@]}"} "$what" \
	"kernel${variant:+-$variant}" "${make[@]}" olddefconfig Image
[ -z "$first" ] || grep -c '^  [A-Z]' "$LOGS/kernel${variant:+-$variant}.log" >"$OBJ/lab-lines"
[ -z "$variant" ] || echo "$sum" >"$OBJ/lab-stamp"
