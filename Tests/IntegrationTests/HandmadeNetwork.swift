import Foundation
import Linux
import Testing

/// A network by hand, as a teacher would build it, in a network namespace that goes with the shell.
///
///     CLIENT ── up0 ─ host ─ drydock0 ┬─ v1 ── C1 10.200.0.2, a web server on port 80
///     192.168.9.2     .9.1            └─ v2 ── C2 10.200.0.3
///
/// Ports 8080 and 8081 of the host are published by rules.
enum HandmadeNetwork {
  static let isReady =
    Drydock.isReady
    && ["/usr/sbin/nft", "/bin/busybox", "/usr/bin/nsenter", "/usr/bin/unshare"].allSatisfy {
      File.exists($0)
    }

  static let reason: Comment = "needs root, nftables, busybox-static and the executables"

  /// Processes of a stage, by the mark in their environment; its namespaces go with them.
  static func left(_ drydock: Drydock) throws -> [String] {
    try File.list("/proc").filter { pid in
      // Whoever has ended meanwhile is not left.
      Int32(pid) != nil
        && (try? File.text("/proc/\(pid)/environ"))?.contains("STAGE=\(drydock.scratch)") == true
    }
  }

  /// Runs a script on the stage; `drydock` is the command.
  static func run(_ drydock: Drydock, _ script: String) throws -> Outcome {
    let command = ([drydock.binaries + "/drydock"] + drydock.roots).joined(separator: " ")
    // A terminal like any, whatever the tests run in.
    let place = "export STAGE=\(drydock.scratch) TERM=xterm; unset NO_COLOR LC_ALL LANG\n"
    let text = place + "drydock() { \(command) \"$@\"; }\n" + build + "\n" + script
    return try IntegrationTests.run(
      ["/usr/bin/unshare", "-n", "/bin/bash", "-c", text], within: 60)
  }

  private static let build = #"""
    set -e
    PIDS=""
    trap 'kill $PIDS 2>/dev/null || true; wait 2>/dev/null || true' EXIT
    space() { unshare -n /bin/busybox sleep 100 & eval "$1=$!"; PIDS="$PIDS $!"
      until [ "$(readlink /proc/$!/ns/net)" != "$(readlink /proc/self/ns/net)" ] && [ "$(cat /proc/$!/comm)" = busybox -o "$(cat /proc/$!/comm)" = sleep ]; do :; done; }
    into() { P=$1; shift; if [ $P = self ]; then "$@"; else nsenter -t $P -n "$@"; fi; }
    ip link set lo up
    echo 1 >/proc/sys/net/ipv4/ip_forward
    echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
    ip link add drydock0 type bridge
    ip addr add 10.200.0.1/16 dev drydock0
    ip addr add fd00:200::1/64 dev drydock0 nodad
    ip link set drydock0 up
    echo 1 >/proc/sys/net/ipv4/conf/drydock0/route_localnet
    space C1; space C2; space CLIENT
    N=1
    for P in $C1 $C2; do
      ip link add v$N type veth peer name eth0 netns $P
      ip link set v$N master drydock0 up
      N=$((N+1))
      into $P sh -ec "ip link set lo up; ip addr add 10.200.0.$N/16 dev eth0; ip addr add fd00:200::$N/64 dev eth0 nodad; ip link set eth0 up
        ip route add default via 10.200.0.1; ip -6 route add default via fd00:200::1"
    done
    ip link add up0 type veth peer name eth0 netns $CLIENT
    ip addr add 192.168.9.1/24 dev up0; ip link set up0 up
    into $CLIENT sh -ec "ip link set lo up; ip addr add 192.168.9.2/24 dev eth0; ip link set eth0 up; ip route add default via 192.168.9.1"
    nft -f - <<'R'
    table inet drydock {
      map ports {
        type inet_proto . inet_service : ipv4_addr . inet_service
        elements = { tcp . 8080 : 10.200.0.2 . 80, tcp . 8081 : 10.200.0.3 . 81 }
      }
      chain ports { 
        meta l4proto { tcp, udp } dnat ip to meta l4proto . th dport map @ports
      }
      chain prerouting {
        type nat hook prerouting priority dstnat
        fib daddr type local jump ports
      }
      chain output {
        type nat hook output priority -100
        fib daddr type local jump ports
      }
      chain postrouting {
        type nat hook postrouting priority srcnat
        ip saddr 127.0.0.0/8 oifname "drydock0" masquerade
        ip saddr 10.200.0.0/16 oifname != "drydock0" masquerade
      }
    }
    R
    listen() { if [ $1 = self ]; then /bin/busybox httpd -f -p $2 -h /proc & else nsenter -t $1 -n /bin/busybox httpd -f -p $2 -h /proc & fi
      eval "$3=$!"; PIDS="$PIDS $!"
      until into $1 grep -q ":$(printf %04X ${2##*:}) .* 0A " /proc/thread-self/net/tcp /proc/thread-self/net/tcp6; do :; done; }
    listen $C1 80 WEB
    """#
}
