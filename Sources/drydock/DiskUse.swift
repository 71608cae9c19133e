import ArgumentParser
import Engine
import Format
import Images
import Linux

/// `drydock system df`.
struct DiskUse: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "df", abstract: "Show what takes room on the disk.",
    helpNames: .long)

  @ParentCommand var drydock: Drydock
  @Flag(name: .shortAndLong, help: "One by one.") var verbose = false
  @Option(help: "json, a template, or 'table TEMPLATE'.") var format: String?

  func run() throws {
    let engine = try drydock.engine()
    let use = try Use(engine)
    if verbose { try use.showAll(engine) } else { try use.showSums(format) }
  }
}

/// What takes room.
private struct Use {
  let containers: [(info: ContainerInfo, size: UInt64)]
  let images: [ImageInfo]
  let volumes: [(info: VolumeInfo, size: UInt64)]

  init(_ engine: Engine) throws {
    containers = try engine.containers(all: true).map { ($0, try engine.size($0.id)) }
    images = try engine.images()
    volumes = try engine.volumes().map { ($0, try engine.size(of: $0)) }
  }

  private func users(of image: String) -> Int {
    containers.count { $0.info.imageID == image }
  }

  // MARK: Sums

  func showSums(_ format: String?) throws {
    // An image has a line a name, and takes its room once.
    var sizes = [String: UInt64]()
    for image in images { sizes[image.id] = image.size }
    let unused = sizes.filter { users(of: $0.key) == 0 }
    let idle = containers.filter { !$0.info.isUp }
    let free = volumes.filter { $0.info.users.isEmpty }
    try printList(
      format,
      [
        ("Type", "TYPE"), ("TotalCount", "TOTAL"), ("Active", "ACTIVE"), ("Size", "SIZE"),
        ("Reclaimable", "RECLAIMABLE"),
      ],
      [],
      [
        row(
          "Images", sizes.count, sizes.count - unused.count, sizes.values.reduce(0, +),
          unused.values.reduce(0, +)),
        row(
          "Containers", containers.count, containers.count - idle.count, sum(containers), sum(idle)),
        row("Local Volumes", volumes.count, volumes.count - free.count, sum(volumes), sum(free)),
        row("Build Cache", 0, 0, 0, 0),
      ])
  }

  private func sum<Info>(_ list: [(info: Info, size: UInt64)]) -> UInt64 {
    list.reduce(0) { $0 + $1.size }
  }

  private func row(
    _ type: String, _ total: Int, _ active: Int, _ size: UInt64, _ free: UInt64
  ) -> Value {
    let percent = size == 0 ? "" : " (\(free * 100 / size)%)"
    return [
      "Type": .string(type), "TotalCount": .string("\(total)"), "Active": .string("\(active)"),
      "Size": .string(Amount.text(bytes: size)),
      "Reclaimable": .string(Amount.text(bytes: free) + percent),
    ]
  }

  // MARK: One by one

  func showAll(_ engine: Engine) throws {
    let now = Clock.wall
    func ago(_ ns: UInt64) -> String {
      ns == 0 ? "N/A" : "\(Amount.text(nanoseconds: now - min(now, ns))) ago"
    }
    let shared = try sharedSizes(engine)
    print("Images space usage:\n")
    printTable(
      [
        "REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE", "SHARED SIZE", "UNIQUE SIZE",
        "CONTAINERS",
      ],
      images.map { image in
        let common = shared[image.id] ?? 0
        return [
          image.repository ?? "<none>", image.tag ?? "<none>", String(image.id.prefix(12)),
          ago(UInt64(clamping: image.createdNs)), Amount.text(bytes: image.size),
          Amount.text(bytes: common), Amount.text(bytes: image.size - min(common, image.size)),
          "\(users(of: image.id))",
        ]
      })
    print("\nContainers space usage:\n")
    printTable(
      [
        "CONTAINER ID", "IMAGE", "COMMAND", "LOCAL VOLUMES", "SIZE", "CREATED", "STATUS", "NAMES",
      ],
      containers.map { container, size in
        [
          container.shortID, container.image, ListFlags.command(container, isWhole: false),
          "\(volumes.count { $0.info.users.contains(container.id) })", Amount.text(bytes: size),
          ago(container.createdNs), container.statusText(nowNs: now), container.name,
        ]
      })
    print("\nLocal Volumes space usage:\n")
    printTable(
      ["VOLUME NAME", "LINKS", "SIZE"],
      volumes.map { [$0.info.name, "\($0.info.users.count)", Amount.text(bytes: $0.size)] })
    print("\nBuild cache usage: 0B")
  }

  /// Bytes of each image's layers that another image has too.
  private func sharedSizes(_ engine: Engine) throws -> [String: UInt64] {
    var layers = [String: [(layer: String, size: UInt64)]]()
    for id in Set(images.map { $0.id }) {
      let details = try engine.image(id)
      layers[id] = zip(details.image.layers, details.layerSizes).map {
        (layer: $0.diffID.hex, size: $1)
      }
    }
    var owners = [String: Int]()
    for list in layers.values {
      for layer in Set(list.map { $0.layer }) { owners[layer, default: 0] += 1 }
    }
    return layers.mapValues { list in
      list.reduce(0) { $0 + (owners[$1.layer, default: 0] > 1 ? $1.size : 0) }
    }
  }
}
