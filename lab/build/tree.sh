#!/bin/bash
# Make build/BASE/linux: the pristine source with one commit per line of
# patches/SERIES/series on top. The commits are made beside the work tree, which is then
# moved to the result, so that only files that differ are touched and rebuilt.
#
# The patches are whole mails, written for base $MAIN; a file whose hunks do not apply to
# another base has them in bases/BASE/SERIES/NAME.diff, which are taken instead of the mail's.
# The files that the series adds stand in this repository as well, in their final form. These
# are copies: they must be what the patches give.
# Another base gets none of the new selftests: it has the programs built for $MAIN.
#
# A line "# On top of: NAME" in that file puts the series on another one, which is then
# part of what it is based on.
. "$(dirname "$0")/../common.sh"

{ read -r repo && read -r pristine; } <"$TREE/source" || die "no $TREE/source: lab/build/fetch.sh first"

if [ ! -d "$LINUX" ]; then
	step "checking out ${repo##*/}" tree-clone git clone -q --shared --no-tags "$repo" "$LINUX"
elif ! git -C "$LINUX" cat-file -e HEAD 2>/dev/null; then
	die "the source that ${LINUX#"$ROOT"/} was made from is gone: remove that folder"
elif ! git -C "$LINUX" cat-file -e "$pristine" 2>/dev/null; then
	git -C "$LINUX" fetch -q "$repo" HEAD
fi
git() { command git -C "$LINUX" "$@"; }

# The author is the person who runs this; the dates are fixed, so that the same series is the
# same commits again.
name=$(command git config user.name || echo "KVM SDEI series")
mail=$(command git config user.email || echo "series@localhost")
date=$(git log -1 --format=%aI "$pristine")
export GIT_AUTHOR_NAME=$name GIT_AUTHOR_EMAIL=$mail GIT_AUTHOR_DATE=$date
export GIT_COMMITTER_NAME=$name GIT_COMMITTER_EMAIL=$mail GIT_COMMITTER_DATE=$date

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tip=$pristine
export GIT_INDEX_FILE=$work/index
git read-tree "$tip"

apply() { # DIFF NAME OPTION...: to the index only
	[ ! -s "$1" ] || git apply --cached --whitespace=nowarn "${@:3}" "$1" 2>"$work/err" || {
		sed 's/^/  | /' "$work/err" >&2
		die "$2 does not apply to $BASE"
	}
}

for layer in $(sed -n 's/^# On top of: //p' "$PATCH_DIR/series") "$SERIES"; do
PATCH_DIR=patches/$layer DIFF_DIR=bases/$BASE/$layer patches=''
[ "$layer" != "$SERIES" ] || { git update-ref refs/lab/base "$tip"; patches=$PATCHES; }
while read -r patch; do
	case $patch in ''|'#'*) continue ;; esac
	[ -r "$PATCH_DIR/$patch" ] || die "$PATCH_DIR/series names $patch, which is not there"
	command git mailinfo --no-scissors --encoding=UTF-8 "$work/msg" "$work/diff" <"$PATCH_DIR/$patch" >"$work/info"
	subject=$(sed -n 's/^Subject: //p' "$work/info")
	[ -n "$subject" ] || die "$PATCH_DIR/$patch has no subject"
	for_base <"$work/diff" >"$work/renamed"
	own=$DIFF_DIR/${patch%.patch}.diff exclude=()
	if [ -s "$own" ]; then
		mapfile -t exclude < <(files_of "$own" | sed 's/^/--exclude=/')
		apply "$ROOT/$own" "$own"
	fi
	[ "$BASE" = "$MAIN" ] || exclude+=(--exclude='tools/testing/selftests/kvm/*sdei*' --exclude=tools/testing/selftests/kvm/Makefile)
	apply "$work/renamed" "$PATCH_DIR/$patch" ${exclude[@]+"${exclude[@]}"}
	tree=$(git write-tree)
	[ "$tree" != "$(git rev-parse "$tip^{tree}")" ] || continue	# all of it is for other bases
	tip=$({ echo "$subject"; echo; cat "$work/msg"; } | git stripspace |
		git commit-tree -p "$tip" -F - "$tree")
done < <(grep -v '^#' "$PATCH_DIR/series" | head -n "${patches:--0}")
done
series=$tip
if [ -f "$FLAVOUR_DIFF" ]; then
	apply "$ROOT/$FLAVOUR_DIFF" "$FLAVOUR_DIFF"
	tip=$(git commit-tree -p "$tip" -m "Flavour $FLAVOUR" "$(git write-tree)")
fi
unset GIT_INDEX_FILE

# Never lose edits: what is in the tree now must be what was put there, or what is
# to be put there.
made=$(git rev-parse -q --verify refs/lab/made || echo "$pristine")
dirty=$(git status --porcelain)
same() { # the work tree, clean or not, and the commits' messages are those of the tip
	[ -z "$(git ls-files --others --exclude-standard)" ] && git diff --quiet "$tip" -- &&
	[ "$(git log --format='%T %B' "$pristine..HEAD")" = "$(git log --format='%T %B' "$pristine..$tip")" ]
}
if [ "$(git rev-parse HEAD)" != "$made" ] || [ -n "$dirty" ]; then
	same || [ -n "${FORCE:-}" ] || {
		git log --oneline "$pristine..HEAD" | sed 's/^/  commit /' >&2
		[ -z "$dirty" ] || printf '%s\n' "$dirty" | sed 's/^/  file /' >&2
		die "${LINUX#"$ROOT"/} has edits that are not in $PATCH_DIR yet:
commit them there and 'make refresh' first, or drop them with FORCE=1."
	}
fi
if [ "$(git rev-parse HEAD)" != "$tip" ] || [ -n "$dirty" ]; then
	git reset -q --hard "$tip"
	say "  tree: ${LINUX#"$ROOT"/} at $(git rev-list --count "$pristine..$tip") patches on $(git log -1 --format=%s "$pristine")"
fi
git update-ref refs/lab/made "$tip"

# The commits that the lines come from in which FILE of the series and its COPY differ.
commits_of() { # FILE COPY
	local from to
	[ -f "$2" ] || set -- "$1" /dev/null
	git show "$series:$1" | { diff - "$2" || :; } | sed -En 's/^([0-9]+)(,([0-9]+))?[acd].*/\1 \3/p' |
		while read -r from to; do
			from=$((from ? from : 1))
			git blame -l -s -L "$from,${to:-$from}" "$series" -- "$1"
		done | cut -c 1-40 | sort -u | xargs -rn 1 git -C "$LINUX" log -1 --format='  %h %s'
}

# The copies are those of the main series, and of all of its patches.
[ "$SERIES$PATCHES-$BASE" = "sdei-$MAIN" ] || exit 0
wrong=''
: >"$work/copies"
while read -r _ _ _ blob _ file; do
	copy=$(copy_of "$file")
	echo "$copy" >>"$work/copies"
	[ ! -f "$copy" ] || [ "$(git hash-object --no-filters "$ROOT/$copy")" != "$blob" ] || continue
	wrong=yes
	printf '%s is not what the patches give. The lines that differ come from\n' "$copy" >&2
	commits_of "$file" "$ROOT/$copy" >&2
done < <(git diff-tree -r --no-renames --diff-filter=A "$pristine" "$series")
while read -r copy; do
	wrong=yes
	printf '%s is not in the patches.\n' "$copy" >&2
done < <(copies | grep -vxFf "$work/copies")
[ -z "$wrong" ] || die "Edit the files in ${LINUX#"$ROOT"/}: git commit -a --fixup=COMMIT there,
git rebase -i --autosquash refs/lab/base, and 'make refresh' here."
