# A launcher as it is written first: every path is a string, looked up by name from the host's root while the tree
# belongs to somebody else. It runs in new MOUNT, PID, UTS, IPC and NET namespaces, made by unshare(1), an
# ordinary user's in a new USER too.
#
#   ROOT      the container's root directory
#   BINDS     lines SOURCE:TARGET:READONLY:BASE, the source being a path in the base where there is one
#   CHECKED   whether it looks where paths lead ("yes"), before it uses them
#   CLEANUP   whether it removes the mount points afterwards ("yes")
#   HIDDEN    lines with paths to hide
#   SHARED    whether mounts may reach the host ("yes": it forgot about propagation)
#   LEAK      a directory that the launcher happens to have open, as descriptor 7
#   READONLY  whether the tree is read-only
#   LAUNCHER  a program of the host that helps it for a while
#   SYSCTL    what to set a sysctl of the NET namespace to, through /proc
#   TERMINAL  whether there is a console ("yes"), which is what it believes to be the first terminal
#   USERNAME  whom to look up in the root's /etc/passwd; it says what it has read when nobody is called so
#   FOLDER    the working directory
set -e
PATH=/usr/sbin:/usr/bin:/sbin:/bin
if [ -n "$USERNAME" ]; then
  # The limits are the test's, which wants to see the end of it.
  read=$(busybox timeout 2 head -c 65536 "$ROOT/etc/passwd" | busybox tr '\0' 0 || :)
  case $read in
    '') echo "hangs" && exit 1 ;;
    *"$USERNAME":*) ;;
    *) [ ${#read} -lt 65536 ] || read="without end"; echo "nobody is called $USERNAME in $read" && exit 1 ;;
  esac
fi
[ "$SHARED" = yes ] || busybox mount --make-rslave /
busybox mount -o bind "$ROOT" "$ROOT"
busybox mkdir -p "$ROOT/proc"
busybox mount -t proc proc "$ROOT/proc"
busybox mkdir -p "$ROOT/sys"
busybox mount -o rbind /sys "$ROOT/sys"
if ! [ -e "$ROOT/dev/null" ]; then
  busybox mkdir -p "$ROOT/dev"
  # In a USER namespace nobody makes devices.
  busybox mknod -m 666 "$ROOT/dev/null" c 1 3 2> /dev/null ||
    { : > "$ROOT/dev/null"; busybox mount -o bind /dev/null "$ROOT/dev/null"; }
fi
echo "$BINDS" | while IFS=: read -r source target readonly base; do
  [ -n "$source" ] || continue
  source=$base$source
  if [ "$CHECKED" = yes ]; then
    case $(busybox readlink -f "$source") in
      "$base"*) ;;
      *) echo "$source leads out" && exit 1 ;;
    esac
    case $(busybox readlink -f "$ROOT${target%/*}") in
      "$ROOT"*) ;;
      *) echo "$target leads out" && exit 1 ;;
    esac
  fi
  if [ -d "$source" ]; then
    busybox mkdir -p "$ROOT$target"
  else
    busybox mkdir -p "$ROOT${target%/*}"
    [ -e "$ROOT$target" ] || : > "$ROOT$target"
  fi
  busybox mount -o rbind "$source" "$ROOT$target"
  [ "$readonly" != true ] || busybox mount -o remount,bind,ro "$ROOT$target"
done
if [ "$TERMINAL" = yes ]; then
  : > "$ROOT/dev/console"
  busybox mount -o bind "$ROOT/dev/pts/0" "$ROOT/dev/console"
fi
echo "$HIDDEN" | while read -r path; do
  [ -z "$path" ] || busybox mount -o bind "$ROOT/dev/null" "$ROOT$path"
done
[ "$READONLY" != yes ] || busybox mount -o remount,bind,ro "$ROOT"
[ -z "$LEAK" ] || exec 7< "$LEAK"
[ -z "$LAUNCHER" ] || busybox sh -c 'exec -a busybox "$LAUNCHER" sleep 0.3' > /dev/null &
[ "$CLEANUP" = yes ] || exec=exec
$exec busybox chroot "$ROOT" /bin/sh -c '
  [ -z "$SYSCTL" ] || echo "$SYSCTL" > /proc/sys/net/ipv4/ip_default_ttl
  cd "$FOLDER"
  exec "$@"' sh "$@"
echo "$BINDS" | while IFS=: read -r source target readonly base; do
  busybox umount "$ROOT$target" || :
  busybox rm -rf "$ROOT$target"
done
