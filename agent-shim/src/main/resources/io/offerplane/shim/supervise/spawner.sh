# The spawner: starts conmon and crun on the shim's behalf, from inside the supervisors' control group.
#
# Children inherit the group, so nothing has to be moved on a launch. It reads one order a line from standard input, carries
# each out in the background, and answers with one line "ID CODE TEXT" on standard output (shorter than PIPE_BUF, so that
# answers don't mix). It ends with its input, that is with the shim; what it has started stays.
#
# orders: start ID BUNDLE | resume ID | update ID LIMITS | signal ID SIGNAL PROCESS | exec ORDER ID FOLDER | session ORDER ID FOLDER
# environment: CONMON, CRUN, CRUN_ROOT, EXITS, STAGE, CGROUP_ROOT
#
# It has a mount namespace of its own: crun refuses a version 2 hierarchy mounted beside version 1. Where that is not mounted, crun
# still follows the kernel's line about it and makes a folder per container in the file system beneath: so that one is the
# namespace's own, ends with it, and is where the shim removes those folders again.
if [ "$CGROUP_ROOT" != /sys/fs/cgroup ]; then mount --rbind "$CGROUP_ROOT" /sys/fs/cgroup; fi
if [ -d /sys/fs/cgroup/memory ]; then
  if [ -e /sys/fs/cgroup/unified/cgroup.procs ]; then umount /sys/fs/cgroup/unified; fi
  if mkdir -p /sys/fs/cgroup/unified 2>/dev/null; then mount -t tmpfs -o mode=700,size=16m none /sys/fs/cgroup/unified; fi
fi

# Where volumes are mounted from: memory, seen in this namespace only. Secrets are files of it, and go with the container's start.
if ! mount -t tmpfs -o mode=700,size=64m none "$STAGE"; then
  echo "spawner: secrets need a tmpfs at $STAGE: the shim's image has to have mount(8), and its pod to be privileged" >&2
  exit 1
fi

# Lest a container write to the program that starts it, crun goes on as a read-only mount of itself, made and dropped anew at each
# of its starts, for 5 ms each. It takes one that is there, if told so by its environment.
CRUN=$(readlink -f "$CRUN")
if mount --bind "$CRUN" "$CRUN" && mount -o remount,bind,ro "$CRUN"; then export _LIBCONTAINER_CLONED_BINARY=1; fi

# The newer way to mount takes no more than 255 bytes for an option, which the layers of an image are longer than.
export LIBMOUNT_FORCE_MOUNT2=always

crun() { "$CRUN" --root="$CRUN_ROOT" "$@"; }

answer() { # ID CODE TEXT
  text=$(printf '%s' "$3" | tr '\n' ' ' | cut -c1-1500)
  printf '%s %s %s\n' "$1" "$2" "$text"
}

finish() { # ID COMMAND...
  id=$1; shift
  if said=$(crun "$@" 2>&1 </dev/null); then echo "$id 0 "; else answer "$id" 1 "$said"; fi
}

# Another task may swap a folder of the host for a link at any moment, so what counts is which one was mounted in the end; crun
# then takes that mount, not the path.
stage() { # FOLDER LIST: lines of NAME DEVICE:INODE PATH
  mkdir -p "$1"
  while IFS=' ' read -r name identity path; do
    if [ -d "$path" ]; then mkdir "$1/$name"; else : >"$1/$name"; fi
    mount --rbind "$path" "$1/$name" || return
    if [ "$(stat -c %d:%i "$1/$name")" != "$identity" ]; then echo "the host's '$path' was changed meanwhile"; return 1; fi
  done <"$2"
}

# Never by a tool that goes into folders: they would be the host's.
unstage() { # FOLDER
  for staged in "$1"/*; do
    umount -l "$staged" 2>/dev/null
    if [ -d "$staged" ]; then rmdir "$staged"; else rm -f "$staged"; fi
  done
  rmdir "$1"
}

# An image's layers, by their short names as the kernel reads a page of options at most. The container gets the mount with its own
# namespace, so this one is of use until it is made.
assemble() { # FOLDER BUNDLE
  mkdir "$1"
  { IFS= read -r layers && IFS= read -r options; } <"$2/layers"
  cd "$layers" && mount -t overlay -o "$options" overlay "$1"
}

start() { # ID BUNDLE
  why=
  if [ -e "$2/stage" ]; then
    said=$(stage "$STAGE/$1" "$2/stage" 2>&1) || why="Failed to mount a volume: $said"
  fi
  if [ -z "$why" ] && [ -e "$2/layers" ]; then
    said=$(assemble "$STAGE/$1.root" "$2" 2>&1) || why="Failed to mount the image: $said"
  fi
  # Of a container made ahead: where its process 1 hears that there is an order.
  if [ -z "$why" ] && [ -d "$2/order" ]; then
    said=$(mkfifo -m 600 "$2/order/wake" 2>&1) || why="Failed to make a pipe: $said"
  fi
  if [ -z "$why" ]; then launch "$1" "$2"; else answer "$1" 1 "$why"; fi
  # By what is there: the container may have ended by now, and its bundle be gone.
  if [ -e "$STAGE/$1" ]; then unstage "$STAGE/$1"; fi
  if [ -e "$STAGE/$1.root" ]; then
    umount -l "$STAGE/$1.root" 2>/dev/null
    rmdir "$STAGE/$1.root"
  fi
}

launch() { # ID BUNDLE
  # conmon stays behind as the supervisor with none of our descriptors; the first line that it writes says how create went.
  _OCI_SYNCPIPE=3 "$CONMON" --api-version 1 --cid "$1" --cuuid "$1" --name "$1" --runtime "$CRUN" \
      --runtime-arg "--root=$CRUN_ROOT" --bundle "$2" --container-pidfile "$2/pid" --conmon-pidfile "$2/conmon.pid" --exit-dir "$EXITS" \
      --log-path "k8s-file:$2/conmon.log" --log-level error --no-sync-log --full-attach --no-new-keyring \
      3>&1 >/dev/null 2>"$2/conmon.err" </dev/null | {
    IFS= read -r created
    case $created in
      *'"data": -'*|'') answer "$1" 1 "$created $(cat "$2/conmon.err" 2>/dev/null)" ;;
      *) finish "$1" start "$1" ;;
    esac
  }
}

execute() { # ORDER ID FOLDER
  crun --log="$3/log" exec --process "$3/process.json" --pid-file "$3/pid" "$2" >/dev/null 2>&1 </dev/null
  echo "$1 0 $?"
}

# The shim holds the other ends of both pipes for as long as it lives, and not a moment longer: no open may wait for it, and no end of
# its own may be left here.
converse() { # ORDER ID FOLDER
  exec 4<>"$3/in" 5<>"$3/out"
  exec 6<"$3/in" 7>"$3/out" 4<&- 5<&-
  crun --log="$3/log" exec --process "$3/process.json" --pid-file "$3/pid" "$2" <&6 >&7 2>/dev/null 6<&- 7>&-
  echo "$1 0 $?"
}

echo ready 0 $$
while read -r order id argument process; do
  case $order in
    start) start "$id" "$argument" & ;;
    resume) finish "$id" start "$id" & ;;
    update) finish "$id" update --resources "$argument" "$id" & ;;
    signal) if kill -s "$argument" "$process" 2>/dev/null; then echo "$id 0 "; else echo "$id 1 no such process"; fi ;;
    exec) execute "$id" "$argument" "$process" & ;;
    session) converse "$id" "$argument" "$process" & ;;
    *) answer "$id" 2 "unknown order $order" ;;
  esac
done
