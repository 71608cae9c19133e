internal import Linux
internal import Networks
internal import OCI

/// A container's elements in the table, and what must be for them to work.
///
/// Who holds a port's socket owns the port's element: what else stands under its key was left by one
/// that was killed.
struct Translation {
  let ports: PublishedPorts
  let command: RulesCommand
  private var table: RuleTable { RuleTable(ports.target.table) }

  init(_ ports: PublishedPorts) throws(PublishError) {
    self.ports = ports
    do throws(RulesError) { command = try RulesCommand.find() } catch {
      throw PublishError(error.text, hint: error.hint)
    }
  }

  /// Adds all elements, or none.
  ///
  /// - Throws: `PublishError` with the kernel's words.
  func make() throws(PublishError) {
    try openLoopback()
    let script = ports.rules.map { $0.claim(in: table, container: ports.container) }.list("")
    do throws(RulesError) {
      try command.apply(script)
    } catch  where error.isTaken {
      try replace(with: script)
    } catch {
      throw told(error)
    }
  }

  /// Adds the elements in place of what others have left under the same keys.
  private func replace(with script: String) throws(PublishError) {
    do throws(RulesError) {
      guard let listing = try command.list(table) else { return try command.apply(script) }
      let keys = Set(ports.rules.flatMap(\.places))
      let mark = RuleTable.comment(ports.container)
      // Nobody holds a socket for SCTP: whose element it is says its comment alone.
      if let other = listing.elements.first(where: {
        keys.contains([$0.set] + $0.key) && $0.key.contains("sctp") && $0.comment != mark
      }) {
        throw RulesError(
          "Bind for \(other.key.list(" ")) failed: port is already allocated by container"
            + " \(other.comment)")
      }
      let left = listing.elements.filter { keys.contains([$0.set] + $0.key) }
      try command.apply(listing.removal { left.contains($0) } + script)
      forget(Set(left.compactMap { Translation.way($0) }))
    } catch {
      throw told(error)
    }
  }

  private func told(_ error: RulesError) -> PublishError {
    PublishError(
      "publishing ports in table \(table.name): \(error.text)",
      hint: error.isMissing
        ? "The network's rules are gone: start the container again." : error.hint)
  }

  /// Removes the elements, there or not.
  func end() {
    do throws(RulesError) {
      try command.remove(ports.rules.map { $0.unpublish(in: table) }.list(""))
    } catch {
      // Nobody is there to be told. They carry the container's id: `drydock doctor` removes them.
    }
    forget(
      Set(
        ports.rules.filter { $0.binding.transport == .udp }.map {
          ConnectionTracking.Way(
            port: $0.binding.hostPort, target: SocketAddress($0.target, $0.binding.containerPort))
        }))
  }

  /// Clients by UDP that were led to a container are led by the rules of now.
  private func forget(_ ways: Set<ConnectionTracking.Way>) {
    do throws(SystemError) { try ConnectionTracking.forget(ways) } catch {
      // They are led wrong until they pause for two minutes (nf_conntrack_udp_timeout_stream).
    }
  }

  /// `udp . 53 : 10.200.0.2 . 53` as somebody left it.
  private static func way(_ element: RuleListing.Element) -> ConnectionTracking.Way? {
    guard element.key.contains("udp"), element.value.count == 2,
      let port = element.key.last.flatMap({ UInt16($0) }),
      let address = IPAddress(element.value[0]), let target = UInt16(element.value[1])
    else { return nil }
    return ConnectionTracking.Way(port: port, target: SocketAddress(address, target))
  }

  /// Answers to 127.0.0.1 come in by the bridge, where the kernel takes such addresses for forged
  /// unless told otherwise (ip-sysctl, route_localnet).
  private func openLoopback() throws(PublishError) {
    let isAsked = ports.rules.contains {
      !$0.target.isV6 && ($0.binding.address.isAny || $0.binding.address.isLoopback)
    }
    guard isAsked else { return }
    // A bridge's name may have dots, but no slash: as a path it is taken as it is.
    let path = "/proc/sys/net/ipv4/conf/\(ports.target.bridge)/route_localnet"
    do throws(SystemError) {
      if try File.text(path).trimmedLine != "1" { try File.set(path, "1") }
    } catch {
      throw PublishError(
        "letting 127.0.0.1 reach \(ports.target.bridge): \(error.text)",
        hint: error.errno == .noEntry
          ? "The bridge is gone."
          : "/proc/sys must be writable, or the port be published elsewhere.")
    }
  }
}
