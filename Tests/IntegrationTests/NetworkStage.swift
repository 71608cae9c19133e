import Foundation
import Linux
import Networks
import Testing

/// Four network namespaces that nobody else has: a host with a bridge, two containers on it, and
/// another host outside.
///
///     outside ── eth0 ═ eth0 ── host ── dd0 ═╦═ eth0 one
///     192.168.5.2   192.168.5.1    10.200.0.1 ╚═ eth0 two
///     fd05::2       fd05::1        fd77::1       10.200.0.2, .3; fd77::2, ::3
///
/// They end with their holders, the four `sleep`s, and so does everything in them.
final class NetworkStage {
  /// One of the namespaces.
  final class Place: @unchecked Sendable {
    fileprivate let holder: Running
    /// Opened once: what joins it needs no name.
    fileprivate let handle: Descriptor

    fileprivate init() throws {
      holder = try Running(["/usr/bin/unshare", "--net", "/bin/busybox", "sleep", "1000"])
      let own = try File.link("/proc/self/ns/net")
      let path = "/proc/\(holder.pid)/ns/net"
      // unshare(2) comes a moment after the start.
      try #require(try eventually { try File.link(path) != own })
      handle = try File.open(path, .readOnly)
    }
  }

  let host: Place
  let outside: Place
  let one: Place
  let two: Place
  /// Their keepers end with the stage.
  private var publications: [Publication] = []
  /// For run directories.
  let scratch: String
  let table = RuleTable("drydock-test")

  static let isReady =
    Machine.isReady && File.exists(Machine.binaries + "/drydock-publish")
    && File.exists(Machine.binaries + "/drydock-rules") && File.exists("/usr/sbin/nft")
    && File.exists("/sbin/ip")
  static let reason: Comment = "needs root, iproute2, nftables, drydock-publish and drydock-rules"

  init() throws {
    host = try Place()
    outside = try Place()
    one = try Place()
    two = try Place()
    scratch = "/tmp/drydock-ports-\(Processes.current)-\(Machine.unique())"
    try File.makeDirectory(scratch)
    for place in [host, outside, one, two] {
      // Addresses are there at once, without asking whether somebody has them.
      try shell(
        place,
        "echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad; ip link set lo up")
    }
    try shell(
      host,
      """
      echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
      ip link add eth0 type veth peer name eth0 netns \(outside.holder.pid)
      ip link add dd0 type bridge; ip link set dd0 up
      ip link add v2 type veth peer name eth0 netns \(one.holder.pid)
      ip link add v3 type veth peer name eth0 netns \(two.holder.pid)
      for link in v2 v3; do ip link set $link master dd0 up; done
      ip address add 192.168.5.1/24 dev eth0; ip address add fd05::1/64 dev eth0
      ip address add 10.200.0.1/24 dev dd0; ip address add fd77::1/64 dev dd0
      ip link set eth0 up
      """)
    try shell(
      outside,
      """
      ip address add 192.168.5.2/24 dev eth0; ip address add fd05::2/64 dev eth0
      ip link set eth0 up; ip route add 10.200.0.0/16 via 192.168.5.1
      ip -6 route add fd77::/64 via fd05::1
      """)
    for (place, number) in [(one, 2), (two, 3)] {
      try shell(
        place,
        """
        ip address add 10.200.0.\(number)/24 dev eth0; ip address add fd77::\(number)/64 dev eth0
        ip link set eth0 up; ip route add default via 10.200.0.1; ip -6 route add default via fd77::1
        """)
    }
  }

  /// Fails when anything of the stage is left on the machine.
  func end() throws {
    for ports in publications { try ports.keeper.signal(Signal.kill) }
    for ports in publications { #expect(try ports.hasEnded()) }
    for place in [host, outside, one, two] { try place.holder.signal(Signal.kill) }
    try File.removeTree(scratch)
  }

  /// Runs a shell's commands in a namespace.
  @discardableResult
  func shell(_ place: Place, _ script: String) throws -> String {
    let outcome = try run(
      ["/usr/bin/nsenter", "--net=/proc/\(place.holder.pid)/ns/net", "/bin/sh", "-ec", script])
    try #require(outcome.code == 0, "\(script): \(outcome.error)")
    return outcome.output
  }

  /// Runs Swift in a namespace: a thread of its own joins it, and what it makes is born there.
  func inside<T: Sendable>(
    _ place: Place, _ body: @escaping @Sendable () throws -> T
  ) throws -> T {
    let result = Slot<Result<T, any Error>>()
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
      result.value = Result {
        try Processes.join(place.handle.raw, .network, name: "namespace")
        return try body()
      }
      done.signal()
    }
    thread.start()
    done.wait()
    return try #require(result.value).get()
  }

  /// A value that one thread writes before another reads it.
  final class Slot<T>: @unchecked Sendable { var value: T? }

  // MARK: Rules

  /// The bridge's rules, with some changed.
  func bridge(_ change: (inout BridgeRules) -> Void = { _ in }) throws -> BridgeRules {
    var rules = try BridgeRules(
      bridge: "dd0",
      subnets: [#require(IPPrefix("10.200.0.0/24")), #require(IPPrefix("fd77::/64"))])
    change(&rules)
    return rules
  }

  func apply(_ script: String) throws {
    let command = rules
    try inside(host) { try command.apply(script) }
  }

  let rules = RulesCommand(path: Machine.binaries + "/drydock-rules")

  /// Everything that nft lists in the host, handles left out.
  func ruleset() throws -> String { try shell(host, "nft list ruleset") }

  // MARK: Ports

  /// A drydock-publish of the host and its keeper.
  final class Publication: @unchecked Sendable {
    let directory: String
    let bindings: [PortBinding]
    let pid: Int32
    let keeper: Running
    /// The process itself: its number may go to another.
    let handle: Descriptor

    fileprivate init(
      directory: String, bindings: [PortBinding], pid: Int32, keeper: consuming Running
    ) throws {
      self.directory = directory
      self.bindings = bindings
      self.pid = pid
      self.keeper = keeper
      handle = try Processes.handle(of: pid)
    }

    func hasEnded(within milliseconds: Int32 = 10_000) throws -> Bool {
      try Events.wait([handle.raw], milliseconds: milliseconds) != 0
    }
  }

  /// A directory with `ports.json`.
  func directory(_ container: String, _ ports: [String]) throws -> String {
    let directory = scratch + "/" + container
    try File.makeDirectories(directory)
    let mappings = try ports.flatMap { try PortMapping.parse($0) }
    try File.replace(
      PortRequest.path(directory),
      with: PortRequest(container: container, ports: mappings).encode())
    return directory
  }

  /// Publishes ports of `one`, as the engine does.
  func publish(
    _ container: String, _ ports: [String], addresses: [String] = ["10.200.0.2", "fd77::2"],
    pidFile: String = "/nowhere"
  ) throws -> Publication {
    let directory = try directory(container, ports)
    let addresses = try addresses.map { try #require(IPAddress($0)) }
    let target = PublishTarget(
      addresses: addresses, bridge: "dd0", table: table, pidFile: pidFile)
    let keeper = try Running(["/bin/busybox", "sleep", "1000"])
    let mark = ProcessMark(
      pid: keeper.pid, startTime: try #require(Processes.startTime(keeper.pid)))
    let (bindings, pid) = try inside(host) {
      let link = try PublishLink(
        program: Machine.binaries + "/drydock-publish", directory: directory)
      let bindings = try link.bound()
      try link.serve(target)
      let pid = link.pid
      try link.keep(with: mark)
      return (bindings, pid)
    }
    let made = try Publication(
      directory: directory, bindings: bindings, pid: pid, keeper: keeper)
    publications.append(made)
    return made
  }
}
