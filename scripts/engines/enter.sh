# Runs a command with the programs of another Debian: enter.sh ROOT NODE COMMAND... in a mount namespace of its own.
#
# Only /usr, /etc and /run differ inside. Everything else is the machine's, at the same paths, so that tests, engines and
# sockets meet as they do outside. /usr and /etc are layers over ROOT: what is written there goes with the namespace.
set -e
root=$1 node=$2
shift 2
checkout=$PWD
hosts=$(cat /etc/hosts) resolver=$(cat /etc/resolv.conf 2>/dev/null || :)

mount -t tmpfs tmpfs /run
mkdir -p /run/lock /run/layers/root
mount --bind "$root" /run/layers/root
for tree in usr etc; do
  layers=/run/layers/$tree
  mkdir -p $layers/new $layers/work $layers/merged
  mount -t overlay overlay -o lowerdir=/run/layers/root/$tree,upperdir=$layers/new,workdir=$layers/work $layers/merged
done

usr=/run/layers/usr/merged etc=/run/layers/etc/merged
rm -f $etc/hosts $etc/resolv.conf $usr/local/bin/node
printf '%s\n' "$hosts" >$etc/hosts
printf '%s\n' "$resolver" >$etc/resolv.conf
mkdir -p $usr/local/bin
: >$usr/local/bin/node
mount --bind "$node" $usr/local/bin/node
case $checkout in
  /usr/*)
    mkdir -p "$usr${checkout#/usr}"
    mount --bind "$checkout" "$usr${checkout#/usr}"
    ;;
esac

mount --bind $etc /etc
mount --rbind $usr /usr
umount -l $etc $usr /run/layers/root
cd "$checkout"
exec "$@"
