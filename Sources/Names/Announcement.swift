// What hosts of an overlay network tell each other (Peers.swift): lines of a word and its value.
//
//     drydock-peers 1
//     vxlan 4097
//     container CID 02:42:0a:c8:05:02   each container and its hardware address, with
//     address 10.200.5.2         at most one of each family
//     name web                   and its names, as in NameEntry.swift
//     end                        so that half an announcement is none

package import Linux

/// A container on another host.
package struct RemoteContainer: Hashable {
  package var id: String
  package var hardware: MACAddress
  package var addresses: [IPAddress] = []
  package var names: [String] = []
}

/// All containers that one host has on one network.
package struct Announcement: Equatable {
  /// The network's number.
  package var vxlan: UInt32
  /// In the order of their ids.
  package var containers: [RemoteContainer] = []

  /// Bytes that one may have: some ten thousand containers.
  static let limit = 4 << 20
  /// Names of one container.
  static let mostNames = 64

  private static let first = "drydock-peers 1"
  /// How every one ends.
  static let last = Array("\nend\n".utf8)

  /// As it goes over the wire.
  package func encode() -> [UInt8] {
    var text = "\(Announcement.first)\nvxlan \(vxlan)\n"
    for container in containers {
      text += "container \(container.id) \(container.hardware)\n"
      for address in container.addresses { text += "address \(address)\n" }
      for name in container.names { text += "name \(name)\n" }
    }
    return Array((text + "end\n").utf8)
  }

  /// Reads one.
  ///
  /// - Throws: `NameFileError` naming the line.
  package static func parse(_ bytes: [UInt8]) throws(NameFileError) -> Announcement {
    var announcement = Announcement(vxlan: 0)
    var isFirst = true
    var hasEnded = false
    try Lines.read(bytes) { word, value in
      if isFirst {
        isFirst = false
        return "\(word) \(value)" == first
      }
      guard !hasEnded else { return false }
      if word == "end" && value.isEmpty {
        hasEnded = true
        return true
      }
      return announcement.read(word, value)
    }
    guard hasEnded, announcement.vxlan != 0 else {
      throw NameFileError(line: 0, text: "it is not whole")
    }
    let ids = Set(announcement.containers.map { $0.id })
    guard ids.count == announcement.containers.count,
      announcement.containers.allSatisfy({ !$0.addresses.isEmpty })
    else { throw NameFileError(line: 0, text: "a container is twice there, or has no address") }
    return announcement
  }

  private mutating func read(_ word: String, _ value: String) -> Bool {
    let last = containers.count - 1
    switch word {
    case "vxlan":
      guard vxlan == 0, let number = UInt32(value), (1...0xff_ffff).contains(number) else {
        return false
      }
      vxlan = number
    case "container":
      let parts = value.parts(" ")
      guard parts.count == 2, NameEntry.isID(parts[0]), let hardware = MACAddress(parts[1]) else {
        return false
      }
      containers.append(RemoteContainer(id: parts[0], hardware: hardware))
    case "address":
      guard last >= 0, let address = IPAddress(value), !address.isAny,
        !containers[last].addresses.contains(where: { $0.isV6 == address.isV6 })
      else { return false }
      containers[last].addresses.append(address)
    case "name":
      guard last >= 0, NameEntry.isName(value),
        containers[last].names.count < Announcement.mostNames
      else { return false }
      containers[last].names.append(value)
    default: return false
    }
    return true
  }

  init(vxlan: UInt32, containers: [RemoteContainer] = []) {
    self.vxlan = vxlan
    self.containers = containers
  }
}
