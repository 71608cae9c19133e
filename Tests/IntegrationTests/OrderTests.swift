import Linux
import Testing

/// Sources/drydock-runtime/order.txt, by which the linker lays the runtime's functions and variables out.
///
/// Names that are gone do no harm but no good either: when many are, `sudo Benchmarks/run order`.
@Suite struct OrderTests {
  @Test(
    .enabled(
      if: Machine.isReady && Machine.binaries.contains("release") && File.exists("/usr/bin/nm"),
      "needs nm, and a release build: others have other functions"))
  func mostNamesAreInTheBinary() throws {
    let source = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let order = try File.text("/\(source)/Sources/drydock-runtime/order.txt").split(separator: "\n")
    let symbols = try run(["/usr/bin/nm", "--format=posix", Machine.runtime]).output
    let present = Set(symbols.split(separator: "\n").compactMap { $0.split(separator: " ").first })
    let found = order.filter { present.contains($0) }.count
    #expect(order.count > 1000)
    #expect(found * 10 >= order.count * 7, "\(found) of \(order.count) names are in the binary")
  }
}
