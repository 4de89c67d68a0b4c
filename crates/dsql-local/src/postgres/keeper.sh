# Keeps PostgreSQL for the process that holds the other end of our standard input, and not a moment longer.
#
# When that end closes, for whatever reason (a clean stop, a panic, SIGKILL), PostgreSQL is stopped and the run folder
# removed. A line on standard input names the signal to stop with; a bare end means "$2". Until then a PostgreSQL that
# dies is started again, a few times. The first thing done is to make the run folder, so that whoever removes it is there
# before it is; then PostgreSQL starts at the line "go".
#
# $1      the run folder: made here, removed at the end
# $2      the signal to stop with when no line asks for another (INT: fast, QUIT: immediate)
# $3      PostgreSQL's log
# $4 …    PostgreSQL's command line
# stdout  the line "made"; closes when PostgreSQL is gone for good, after one line with its exit status
# stderr  a locked file, which stays locked as long as any of this runs

run=$1 signal=$2 log=$3
shift 3
trap '' HUP INT TERM

pause() {
  sleep 0.0"$1" 2>/dev/null || sleep 1
}

supervise() {
  tries=0
  while [ ! -e "$run/stop" ]; do
    "$@" </dev/null 4>&2 >>"$log" 2>&1 &
    pid=$!
    echo $pid >"$run/pid"
    began=$(date +%s)
    wait $pid
    status=$?
    [ -e "$run/stop" ] && break
    # Only what has once been up is worth starting again.
    [ -e "$run/up" ] || break
    [ $(($(date +%s) - began)) -gt 60 ] && tries=0
    tries=$((tries + 1))
    [ $tries -gt 10 ] && break
    echo "keeper: PostgreSQL ended with status $status, starting it again" >>"$log"
    pause 5
  done
  : >"$run/gone"
  echo "${status:-0}"
}

umask 022
mkdir "$run" || exit 1
mkdir -m 700 "$run/socket"
# Nobody may be left to hear it: then the next line sees the end.
trap '' PIPE
echo made 2>/dev/null
trap - PIPE

if ! read -r go || [ "$go" != go ]; then
  rm -rf "$run"
  exit 0
fi
supervise "$@" </dev/null &
exec >/dev/null
if read -r asked && [ -n "$asked" ]; then signal=$asked; fi
: >"$run/stop"

# Again and again: a signal that arrives before PostgreSQL has set its handlers is lost.
rounds=0
until [ -e "$run/gone" ]; do
  rounds=$((rounds + 1))
  case $signal$rounds in
    QUIT250) signal=KILL ;;
    INT1500) signal=QUIT rounds=0 ;;
  esac
  pid=
  read -r pid <"$run/pid"
  # Nothing but the number of one process: 0, 1 or less would be many.
  case $pid in
    '' | 0 | 1 | *[!0-9]*) ;;
    *) kill -s "$signal" "$pid" ;;
  esac
  pause 2
done 2>/dev/null
rm -rf "$run"
