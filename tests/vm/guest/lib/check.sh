# What a scenario says: expectations, notes, reasons not to run.

# fail WHAT...: the scenario ends here.
fail() {
	echo "FAILED: $*" >&2
	exit 1
}

# skip WHY...: this kernel or machine cannot show it.
skip() {
	echo "$*" >/run/scenario/skipped
	exit 77
}

# note WHAT...: printed below the scenario's line even if all is well.
note() {
	echo "$*" >>/run/scenario/notes
}

# expect WHAT TEST...: runs the command TEST; WHAT says what should be so.
expect() {
	what=$1
	shift
	"$@" || fail "expected $what ($*)"
}

# expect_not WHAT TEST...
expect_not() {
	what=$1
	shift
	! "$@" || fail "expected $what (not: $*)"
}

# eventually SECONDS WHAT TEST...: until the command TEST succeeds. Waiting is free: the clock jumps.
eventually() {
	tries=$(($1 * 5))
	what=$2
	shift 2
	until "$@"; do
		[ $tries -gt 0 ] || fail "waited for $what ($*)"
		tries=$((tries - 1))
		sleep 0.2
	done
}

# kernel_at_least MAJOR MINOR
kernel_at_least() {
	release=$(uname -r)
	major=${release%%.*}
	minor=${release#*.}
	minor=${minor%%[!0-9]*}
	[ "$major" -gt "$1" ] || { [ "$major" -eq "$1" ] && [ "$minor" -ge "$2" ]; }
}
