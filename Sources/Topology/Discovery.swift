package import Linux

/// What a map was read from, kept open for questions.
package final class LiveNetwork {
  /// What was found.
  package let map: NetworkMap
  /// The same namespaces, held open.
  package let places: [OpenNamespace]
  /// What could not be looked at.
  package let problems: [String]

  private init(_ map: NetworkMap, _ places: [OpenNamespace], _ problems: [String]) {
    self.map = map
    self.places = places
    self.problems = problems
  }

  /// A way to a namespace.
  private struct Found {
    var path: String
    var pids: [Int32] = []
    var names: [String] = []
    var isContainer = false
  }

  /// Looks at every network namespace that can be reached.
  ///
  /// They are those of processes (/proc/PID/ns/net), and those that a mount keeps (ip-netns(8)).
  ///
  /// - Parameter naming: the container that a process is the first of; nil for any other process.
  /// - Returns: What was found, held open.
  /// - Throws: `SystemError` when not even the caller's own can be read.
  package static func read(
    naming: (Int32) -> String? = { _ in nil }
  ) throws(SystemError) -> LiveNetwork {
    var problems = [String]()
    let own = try OpenNamespace("/proc/thread-self/ns/net")
    var found: [UInt64: Found] = [own.inode: Found(path: "/proc/thread-self/ns/net")]
    try addProcesses(&found, naming, &problems)
    do throws(SystemError) {
      for mount in try MountInfo.list() where mount.type == "nsfs" && mount.root.hasPrefix("net:") {
        let inode = try File.status(mount.target).inode
        found[inode, default: Found(path: mount.target)].names.append(lastPart(mount.target))
      }
    } catch {
      problems.append(error.text)
    }
    var spaces = [(NetworkNamespace, OpenNamespace)]()
    for (inode, way) in found {
      let place: OpenNamespace
      if inode == own.inode {
        place = own
      } else {
        do throws(SystemError) {
          place = try OpenNamespace(way.path)
        } catch {
          // A process may have ended meanwhile; a namespace that only it had is gone too.
          if error.errno != .noEntry && error.errno != .noProcess { problems.append(error.text) }
          continue
        }
        // Another one took the process's place.
        guard place.inode == inode else { continue }
      }
      var space = NetworkNamespace(inode: inode)
      space.isOwn = inode == own.inode
      space.isContainer = way.isContainer
      space.pids = way.pids.sorted()
      var seen = Set<String>()
      space.names = way.names.filter { seen.insert($0).inserted }
      if let pid = space.pids.first {
        // Whoever has ended has no name.
        space.command = (try? File.text("/proc/\(pid)/comm", limit: 4096).trimmedLine) ?? ""
      }
      space.read(place)
      spaces.append((space, place))
    }
    spaces.sort { one, other in order(one.0) < order(other.0) }
    let places = spaces.map { $0.1 }
    let map = NetworkMap(
      spaces.map { $0.0 },
      wires: Wires.match(spaces.map { $0.0 }) { places[$0].number(of: places[$1]) })
    return LiveNetwork(map, places, problems)
  }

  private static func order(_ space: NetworkNamespace) -> (Int, String, UInt64) {
    (space.isOwn ? 0 : space.isHost ? 1 : 2, space.names.first ?? "~", space.inode)
  }

  private static func lastPart(_ path: String) -> String {
    path.split(separator: "/").last.map { String($0) } ?? path
  }

  private static func addProcesses(
    _ found: inout [UInt64: Found], _ naming: (Int32) -> String?, _ problems: inout [String]
  ) throws(SystemError) {
    var hidden = 0
    for entry in try File.list("/proc") {
      guard let pid = Int32(entry) else { continue }
      let path = "/proc/\(pid)/ns/net"
      do throws(SystemError) {
        // The link's text has the number; a zombie has no link.
        let link = try File.link(path)
        guard let open = link.firstIndex(of: "["), link.hasSuffix("]"),
          let inode = UInt64(link[link.index(after: open)...].dropLast())
        else { continue }
        found[inode, default: Found(path: path)].pids.append(pid)
        if let name = naming(pid) {
          found[inode]?.names.insert(name, at: 0)
          found[inode]?.isContainer = true
        }
      } catch {
        if error.errno == .access || error.errno == .perm { hidden += 1 }
      }
    }
    // Root is hidden from only what no one may look at, such as another container's first process.
    if hidden > 0 && Identity.effectiveUser != 0 {
      problems.append("the namespaces of \(hidden) processes; try it as root")
    }
  }
}

/// Which veth is the other end of which.
enum Wires {
  /// Matches both ways: each names the other's number, and each namespace's number for the other
  /// (`nsid`) is the one that the link has, where it has one.
  ///
  /// - Parameters:
  ///   - spaces: all namespaces.
  ///   - number: what the first namespace calls the second; nil for no number.
  /// - Returns: Each end with its other end.
  static func match(
    _ spaces: [NetworkNamespace], number: (Int, Int) -> Int32?
  ) -> [LinkEnd: LinkEnd] {
    var wires = [LinkEnd: LinkEnd]()
    // By the numbers of both ends, so that not all are held against all.
    var byNumbers: [[UInt32]: [LinkEnd]] = [:]
    for (at, space) in spaces.enumerated() {
      for link in space.links where link.kind == "veth" {
        guard let peer = link.peer else { continue }
        if !link.peerIsElsewhere {
          wires[LinkEnd(at, link.index)] = LinkEnd(at, peer)
        } else {
          byNumbers[[link.index, peer], default: []].append(LinkEnd(at, link.index))
        }
      }
    }
    func agrees(_ one: LinkEnd, _ other: LinkEnd) -> Bool {
      guard let told = spaces[one.namespace].link(one.link)?.peerNamespace, told >= 0 else {
        return true
      }
      return number(one.namespace, other.namespace) == told
    }
    for (numbers, ends) in byNumbers {
      guard let others = byNumbers[[numbers[1], numbers[0]]] else { continue }
      func partner(of end: LinkEnd, among all: [LinkEnd]) -> LinkEnd? {
        let fits = all.filter {
          $0.namespace != end.namespace && agrees(end, $0) && agrees($0, end)
        }
        // Two that fit equally well are no certain answer.
        return fits.count == 1 ? fits.first : nil
      }
      for end in ends where wires[end] == nil {
        guard let other = partner(of: end, among: others), partner(of: other, among: ends) == end
        else { continue }
        wires[end] = other
        wires[other] = end
      }
    }
    return wires
  }
}
