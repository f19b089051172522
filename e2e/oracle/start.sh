#!/bin/bash
# Runs a real Mesos 1.11.0 master with agents on 127.0.0.1, in the foreground, until SIGTERM or Ctrl-C.
#
#   start.sh PORT [AGENTS] [RESOURCES] [--zk HOST:PORT[/PATH]]
#
# AGENTS     how many (2). Agent k also answers at PORT+k under an agent's usual paths, so those ports must be free too.
# RESOURCES  of each agent ('cpus:4;mem:4096;disk:10000;ports:[31000-31099]')
# --zk       registers the master (a json.info_ node) in that ZooKeeper, under /mesos unless a path is given
#
# Needs what setup.sh made; ORACLE_DIR says where that is, if not in its usual place. Prints 'ready' once /version answers and
# all agents are in. The work directory (sandboxes, agent state) is a new one each time, removed at the end unless KEEP_WORK=1.
# Any MESOS_* variable of the caller reaches master and agents as the flag of that name, for example
# MESOS_ALLOCATION_INTERVAL=100ms. Logs of the master and agents (glog) go to stderr: MESOS_QUIET=true drops them, GLOG_v=2 adds.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" >&2; exit 2; }

positional=() zookeeper=()
while [ $# -gt 0 ]; do
  case $1 in
    --zk) [ $# -ge 2 ] || usage; zookeeper=(--zk "${2#zk://}"); shift 2 ;;
    -*) usage ;;
    *) positional+=("$1"); shift ;;
  esac
done
[ ${#positional[@]} -ge 1 ] && [ ${#positional[@]} -le 3 ] || usage
out=$(realpath -m "${ORACLE_DIR:-${OFFERPLANE_CACHE:-$HOME/.cache/offerplane}/oracle}")
port=${positional[0]}
agents=${positional[1]:-2}
resources=${positional[2]:-'cpus:4;mem:4096;disk:10000;ports:[31000-31099]'}
[ -x "$out/py27/bin/python" ] || { echo "there is no oracle in $out: run e2e/oracle/setup.sh first" >&2; exit 1; }

mkdir -p "$out/work"
work=$(mktemp -d "$out/work/$port.XXXXXX")
chmod 755 "$work"

# The stub libraries are for this process alone: with them on its path, a task's curl would not work.
env \
  LD_LIBRARY_PATH="$out/lib" \
  LIBPROCESS_IP=127.0.0.1 \
  LIBPROCESS_PORT="$port" \
  MESOS_HOSTNAME=127.0.0.1 \
  MESOS_WORK_DIR="$work" \
  MESOS_NUM_SLAVES="$agents" \
  MESOS_RESOURCES="$resources" \
  MESOS_LAUNCHER=posix \
  MESOS_LAUNCHER_DIR="$here/launcher" \
  MESOS_ISOLATION=posix/cpu,posix/mem \
  ORACLE_PORT="$port" \
  "$out/py27/bin/python" "$here/oracle.py" --port "$port" --agents "$agents" "${zookeeper[@]}" &
oracle=$!
trap 'kill "$oracle" 2>/dev/null' TERM INT
status=0
wait "$oracle" || status=$?
# A signal ends the first wait early; the second one gets the status of the process.
if kill -0 "$oracle" 2>/dev/null; then status=0; wait "$oracle" || status=$?; fi
[ -n "${KEEP_WORK:-}" ] || rm -rf "$work"
exit "$status"
