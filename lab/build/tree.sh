#!/bin/bash
# Make build/BASE/linux: the pristine source with one commit per line of
# patches/SERIES/series on top. The commits are made beside the work tree, which is then
# moved to the result, so that only files that differ are touched and rebuilt.
#
# A line of that file is "NAME.patch [new-file ...]": the mail with the edits to
# existing files (possibly none), and the files of this repository that it brings
# along. The mails are written for base $MAIN; a file whose hunks do not apply to another
# base has them in bases/BASE/SERIES/NAME.diff, which are taken instead of the mail's.
# Another base gets none of the new selftests: it has the programs built for $MAIN.
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
git update-ref refs/lab/base "$pristine"

# The author is whoever runs this; the dates are fixed, so that the same series is the
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

while read -r patch files; do
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
	[ "$BASE" = "$MAIN" ] || exclude+=(--exclude=tools/testing/selftests/kvm/Makefile)
	apply "$work/renamed" "$PATCH_DIR/$patch" ${exclude[@]+"${exclude[@]}"}
	for file in $files; do
		[ "$BASE" = "$MAIN" ] || [ "${file#tools/testing/selftests/}" = "$file" ] || continue
		[ -f "$file" ] || die "$PATCH_DIR/series: $patch brings $file, which is not there"
		mode=100644; [ ! -x "$file" ] || mode=100755
		blob=$(git hash-object -w "$ROOT/$file")
		path=${file/#tools\/testing\/selftests\/kvm\/aarch64\//tools/testing/selftests/kvm/$SELFTESTS/}
		git update-index --add --cacheinfo "$mode,$blob,$path"
	done
	tip=$({ echo "$subject"; echo; cat "$work/msg"; } | git stripspace |
		git commit-tree -p "$tip" -F - "$(git write-tree)")
done < <(grep -v '^#' "$PATCH_DIR/series" | head -n "${PATCHES:--0}")
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
