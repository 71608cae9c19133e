// swift-tools-version: 6.2
import Foundation
import PackageDescription

/// Language settings of every target: Swift 6 mode, warnings are errors.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("InferIsolatedConformances"),
  .enableUpcomingFeature("ImmutableWeakCaptures"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

/// Static binaries without Foundation: they start in half a millisecond.
let freestanding: [LinkerSetting] = [.unsafeFlags(["-static-executable"])]

/// Static binaries in C, without Swift's startup routines and so without its runtime.
let bare: [LinkerSetting] = [.unsafeFlags(["-static-executable", "-nostartfiles"])]

/// The runtime begins at `seal_start` (CSeal), and its functions and variables lie in the order in
/// which a start uses them (`Benchmarks/run order`): a page fault maps 64 KiB, and what is not near
/// is another.
let ordered =
  strict + [
    .unsafeFlags([
      "-Xfrontend", "-function-sections", "-Xfrontend", "-prespecialize-generic-metadata",
    ])
  ]
let runtimeLinker: [LinkerSetting] =
  freestanding + [
    .unsafeFlags([
      "-use-ld=lld", "-Xlinker", "--entry=seal_start", "-Xlinker", "--no-warn-symbol-ordering",
      "-Xlinker",
      "--symbol-ordering-file=\(Context.packageDirectory)/Sources/drydock-runtime/order.txt",
    ])
  ]

/// People's commands, with Foundation; static too: to look for libraries and to move a program of this
/// size to a place of its own took half of a command's start.
///
/// GRDB's objects ask for Foundation, but not for what a static Foundation is made of.
let hosted: [LinkerSetting] = [
  .unsafeFlags([
    "-static-executable", "-use-ld=lld", "-lFoundation", "-lFoundationEssentials",
    "-lFoundationInternationalization", "-lCoreFoundation", "-l_FoundationICU",
    "-l_FoundationCollections", "-l_FoundationCShims", "-lswiftSynchronization",
  ])
]
let hostedSwift: [SwiftSetting] = strict + [.unsafeFlags(["-static-stdlib"])]

/// The labs, each a folder under Labs/ with its texts, its Swift, its exercise and its broken state.
let labs = [
  "01-process",
  "02-uts", "03-pid", "04-init", "05-mount", "06-rootfs",
  "07-overlay", "08-layers",
  "10-user", "11-capabilities", "12-seccomp",
  "13-cpu-shares", "14-cpu-quota", "15-cpuset", "16-memory",
  "17-veth", "18-bridge", "19-ports", "20-hosts",
]

/// A lab's library, where all of it is: `13-cpu-shares` becomes `LabCpuShares`.
func library(_ lab: String) -> String {
  "Lab"
    + lab.split(separator: "-").dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }
    .joined()
}

/// What of a lab's folder is the library's.
func parts(_ lab: String) -> [String] {
  let files = try? FileManager.default.contentsOfDirectory(
    atPath: "\(Context.packageDirectory)/Labs/\(lab)")
  return (files ?? []).filter { $0 != "main.swift" }.sorted()
}

/// Two targets a lab: the library, and a thin executable `lab-cpu-shares` around it.
let labTargets: [Target] = labs.flatMap { lab in
  [
    .target(
      name: library(lab), dependencies: ["LabKit", "Engine", "Images", "Measure", "Linux"],
      path: "Labs/\(lab)", exclude: ["main.swift"], swiftSettings: strict),
    .executableTarget(
      name: "lab-" + lab.split(separator: "-").dropFirst().joined(separator: "-"),
      dependencies: ["LabKit", "Linux", .byName(name: library(lab))],
      path: "Labs/\(lab)", exclude: parts(lab), sources: ["main.swift"],
      swiftSettings: hostedSwift, linkerSettings: hosted),
  ]
}
let labLibraries: [Target.Dependency] = labs.map { .byName(name: library($0)) }

/// Our own hot paths with their limits, and package-benchmark, which holds them against each other.
///
/// Here only when `Benchmarks/run micro` asks for them. In this package and not in one beside it,
/// because the paths are not public, and what was built for a release need not be built again. Its
/// own counters are off: they want packages and processors that are not everywhere.
let isMicro = Context.environment["DRYDOCK_MICRO"] != nil
let microDependencies: [Package.Dependency] =
  isMicro
  ? [.package(url: "https://github.com/ordo-one/benchmark", from: "1.38.0", traits: [])]
  : []
let microTargets: [Target] =
  isMicro
  ? [
    .target(name: "CMicro", path: "Benchmarks/micro/C"),
    .target(
      name: "HotPaths",
      dependencies: ["Linux", "Measure", "Names", "OCI", "Report", "Runtime", "Steps"],
      path: "Benchmarks/micro/paths", swiftSettings: strict),
    .executableTarget(
      name: "benchmark-count", dependencies: ["CMicro", "HotPaths", "Linux"],
      path: "Benchmarks/micro/count", swiftSettings: strict,
      // valgrind before 3.21 stumbles over the debugger's tables of newer compilers.
      linkerSettings: [.unsafeFlags(["-Xlinker", "--strip-debug"])]),
    .executableTarget(
      name: "benchmark-micro",
      dependencies: ["HotPaths", .product(name: "Benchmark", package: "benchmark")],
      path: "Benchmarks/micro", exclude: ["C", "count", "limits", "paths"], swiftSettings: strict,
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
  ] : []

let package = Package(
  name: "drydock",
  products: [
    .executable(name: "drydock", targets: ["drydock"]),
    .executable(name: "drydock-runtime", targets: ["drydock-runtime"]),
    .executable(name: "drydock-init", targets: ["drydock-init"]),
    .executable(name: "drydock-monitor", targets: ["drydock-monitor"]),
    .executable(name: "drydock-rules", targets: ["drydock-rules"]),
    .executable(name: "drydock-publish", targets: ["drydock-publish"]),
    .executable(name: "drydock-dns", targets: ["drydock-dns"]),
    .executable(name: "stress", targets: ["stress"]),
    // Linked with libFuzzer by Tests/fuzz.
    .library(name: "Fuzz", type: .static, targets: ["Fuzz"]),
    .executable(name: "probe", targets: ["probe"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ] + microDependencies,
  targets: [
    // C, only where Swift cannot reach.
    .target(name: "CLinux", linkerSettings: [.linkedLibrary("m")]),
    .target(name: "CSeal"),
    .target(name: "CProbe"),
    .systemLibrary(
      name: "CSeccomp", pkgConfig: "libseccomp", providers: [.apt(["libseccomp-dev"])]),
    .systemLibrary(name: "CCap", pkgConfig: "libcap", providers: [.apt(["libcap-dev"])]),
    .systemLibrary(
      name: "CNetlink", pkgConfig: "libnl-route-3.0", providers: [.apt(["libnl-route-3-dev"])]),

    // No static archive of it exists: only drydock-rules links it.
    .systemLibrary(
      name: "CNftables", pkgConfig: "libnftables", providers: [.apt(["libnftables-dev"])]),

    .systemLibrary(
      name: "CArchive", providers: [.apt(["libarchive-dev", "libzstd-dev", "zlib1g-dev"])]),

    // The runtime: Foundation-free, single-threaded, static.
    .target(name: "Linux", dependencies: ["CLinux", "CCap", "CNetlink"], swiftSettings: ordered),
    .target(name: "Steps", dependencies: ["Linux"], swiftSettings: ordered),
    .target(name: "OCI", dependencies: ["Linux"], swiftSettings: ordered),
    .target(name: "Networks", dependencies: ["Linux", "Steps", "OCI"], swiftSettings: ordered),
    .target(
      name: "Runtime", dependencies: ["Linux", "Steps", "OCI", "Networks", "CSeccomp"],
      swiftSettings: ordered),
    .target(name: "Load", dependencies: ["CLinux", "Linux"], swiftSettings: strict),
    .executableTarget(
      name: "drydock-runtime", dependencies: ["Runtime", "Linux", "CSeal"],
      exclude: ["order.txt"], swiftSettings: ordered, linkerSettings: runtimeLinker),
    .executableTarget(
      name: "drydock-init", dependencies: ["Linux"], swiftSettings: strict,
      linkerSettings: freestanding),
    .target(name: "Monitor", dependencies: ["Linux", "Steps", "OCI"], swiftSettings: strict),
    .executableTarget(
      name: "drydock-monitor", dependencies: ["Monitor", "Linux"], swiftSettings: strict,
      linkerSettings: freestanding),
    .target(name: "Publish", dependencies: ["Linux", "OCI", "Networks"], swiftSettings: strict),
    .executableTarget(
      name: "drydock-publish", dependencies: ["Publish", "Linux"], swiftSettings: strict,
      linkerSettings: freestanding),
    .executableTarget(
      name: "drydock-rules", dependencies: ["CLinux", "CNftables"], swiftSettings: hostedSwift,
      linkerSettings: [.unsafeFlags(["-static-stdlib"])]),
    .target(name: "Names", dependencies: ["Linux"], swiftSettings: strict),
    .executableTarget(
      name: "drydock-dns", dependencies: ["Names", "Linux"], swiftSettings: strict,
      linkerSettings: freestanding),
    .executableTarget(
      name: "stress", dependencies: ["Load"], swiftSettings: strict, linkerSettings: freestanding),
    .executableTarget(
      name: "probe", dependencies: ["CLinux", "CProbe", "Linux"], swiftSettings: strict,
      linkerSettings: freestanding),

    // The engine and what teaches with it.
    .target(
      name: "State",
      dependencies: ["Linux", "Steps", .product(name: "GRDB", package: "GRDB.swift")],
      swiftSettings: strict),
    .target(
      name: "Images",
      dependencies: [
        "CArchive", "CLinux", "Linux", "OCI", "State",
        .product(name: "Crypto", package: "swift-crypto"),
      ], swiftSettings: strict),
    .target(
      name: "Engine",
      dependencies: [
        "Linux", "Steps", "OCI", "Networks", "Names", "State", "Images", "Monitor", "Format",
      ],
      swiftSettings: strict),
    .target(name: "Format", swiftSettings: strict),
    .target(
      name: "Measure",
      dependencies: ["CLinux", "Load", "Linux", .product(name: "Crypto", package: "swift-crypto")],
      swiftSettings: strict),
    .target(name: "Report", dependencies: ["Measure"], swiftSettings: strict),
    .target(name: "XRay", dependencies: ["Report", "Measure", "Linux"], swiftSettings: strict),
    .target(
      name: "Topology", dependencies: ["Report", "Measure", "Linux"], swiftSettings: strict),
    .target(
      name: "LabKit",
      dependencies: ["CLinux", "Engine", "Images", "Measure", "Report", "Steps", "Linux"],
      swiftSettings: strict),
    .target(
      name: "Classroom",
      dependencies: [
        "Images", "Measure", "Report", "Linux", .product(name: "Crypto", package: "swift-crypto"),
      ], swiftSettings: strict),
    .executableTarget(
      name: "drydock-classroom",
      dependencies: [
        "Classroom", "Linux", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: hostedSwift, linkerSettings: hosted),
    .executableTarget(
      name: "drydock",
      dependencies: [
        "Engine", "Images", "Format", "LabKit", "Measure", "Networks", "Report", "XRay", "Topology",
        "Steps", "Linux", "OCI",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ] + labLibraries,
      swiftSettings: hostedSwift, linkerSettings: hosted),
    .target(
      name: "BenchmarkKit", dependencies: ["Measure", "OCI", "Linux"],
      path: "Benchmarks/kit", swiftSettings: strict),
    // The experiments of `drydock bench`, a file each.
    .target(
      name: "BenchmarkExperiments",
      dependencies: ["BenchmarkKit", "Measure", "Report", "Load", "OCI", "Steps", "Linux"],
      path: "Benchmarks/experiments", swiftSettings: strict),
    .executableTarget(
      name: "drydock-bench",
      dependencies: [
        "BenchmarkExperiments", "BenchmarkKit", "Measure", "Report", "Linux",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Benchmarks/bench", swiftSettings: hostedSwift, linkerSettings: hosted),
    // Programs in C beside the containers: what is compared must not hold a Swift runtime.
    .executableTarget(name: "benchmark-true", path: "Benchmarks/true", linkerSettings: bare),
    .executableTarget(name: "benchmark-floor", path: "Benchmarks/floor", linkerSettings: bare),
    .executableTarget(name: "benchmark-peak", path: "Benchmarks/peak", linkerSettings: bare),
    .executableTarget(name: "benchmark-inside", path: "Benchmarks/inside", linkerSettings: bare),
    .executableTarget(
      name: "benchmark-trust",
      dependencies: [
        "Measure", "Report", "Linux",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Benchmarks/trust", exclude: ["load"], swiftSettings: hostedSwift,
      linkerSettings: hosted),

    .target(
      name: "Fuzz", dependencies: ["OCI", "Runtime", "Steps", "Names", "Linux"],
      path: "Tests/FuzzReaders",
      exclude: ["corpus"], swiftSettings: strict),
    // The conformance suite: a static binary, since it is also the probe inside the containers.
    .target(name: "CConformance", path: "Tests/ConformanceCases/C"),
    .executableTarget(
      name: "conformance", dependencies: ["CConformance", "Linux", "OCI"],
      path: "Tests/ConformanceCases/Suite", swiftSettings: strict, linkerSettings: freestanding),

    // A disk whose writes are written down, for the tests of power cuts.
    .executableTarget(
      name: "power-cut-disk", path: "Tests/PowerCut", swiftSettings: strict,
      linkerSettings: freestanding),

    .testTarget(name: "LinuxTests", dependencies: ["Linux"], swiftSettings: strict),
    .testTarget(name: "StepsTests", dependencies: ["Steps"], swiftSettings: strict),
    .testTarget(name: "OCITests", dependencies: ["OCI"], swiftSettings: strict),
    .testTarget(
      name: "NetworksTests", dependencies: ["Networks", "Linux"], swiftSettings: strict),
    .testTarget(name: "RuntimeTests", dependencies: ["Runtime"], swiftSettings: strict),
    .testTarget(name: "LoadTests", dependencies: ["Load"], swiftSettings: strict),
    .testTarget(
      name: "MonitorTests", dependencies: ["Monitor", "Linux", "OCI"], swiftSettings: strict),
    .testTarget(name: "NamesTests", dependencies: ["Names", "Linux"], swiftSettings: strict),
    .testTarget(name: "FormatTests", dependencies: ["Format"], swiftSettings: strict),
    .testTarget(name: "MeasureTests", dependencies: ["Measure"], swiftSettings: strict),
    .testTarget(name: "ReportTests", dependencies: ["Report"], swiftSettings: strict),
    // The experiments as they are declared, and a few of them run.
    .testTarget(name: "ClassroomTests", dependencies: ["Classroom"], swiftSettings: strict),
    .testTarget(
      name: "BenchTests",
      dependencies: ["BenchmarkExperiments", "BenchmarkKit", "Load", "Measure", "Linux"],
      swiftSettings: strict),
    .testTarget(
      name: "XRayTests", dependencies: ["XRay", "Report", "Measure", "Linux"],
      exclude: ["Recorded"], swiftSettings: strict),
    .testTarget(
      name: "TopologyTests", dependencies: ["Topology", "Report", "Measure", "Linux"],
      exclude: ["Recorded"], swiftSettings: strict),
    .testTarget(
      name: "ImagesTests", dependencies: ["Images", "State", "Linux", "OCI"], swiftSettings: strict),
    .testTarget(
      name: "StateTests",
      dependencies: ["State", "Linux", .product(name: "GRDB", package: "GRDB.swift")],
      swiftSettings: strict),
    .testTarget(
      name: "EngineTests", dependencies: ["Engine", "Images", "State", "Linux", "OCI"],
      swiftSettings: strict),
    .testTarget(
      name: "LabKitTests", dependencies: ["LabKit", "Engine", "Measure", "Linux"] + labLibraries,
      swiftSettings: strict),
    // Spawns the built executables on the real kernel; needs root.
    .testTarget(
      name: "IntegrationTests",
      dependencies: ["Linux", "Steps", "OCI", "State", "Networks", "Names"],
      swiftSettings: strict),
  ] + labTargets + microTargets,
  swiftLanguageModes: [.v6]
)
