import Testing

@testable import Load

@Suite struct AmountsTests {
  @Test(
    "What strtoll(3) would read in base 0",
    arguments: [
      ("0", 0), ("12", 12), ("+3", 3), ("-3", -3), ("  7", 7), ("\t7", 7), ("0x1F", 31),
      ("0X10", 16), ("010", 8), ("08", 0), ("0x", 0), ("2.5", 2), ("1e2", 1), ("1kk", 1),
      ("9223372036854775807", .max), ("99999999999999999999", .max),
      ("-99999999999999999999", .min),
    ] as [(String, Int64)])
  func leadingInteger(text: String, value: Int64) {
    #expect(Amounts.leadingInteger(text) == value)
  }

  @Test("No digits, no number", arguments: ["", " ", "x", "-", "+", ".5", "-x1"])
  func noInteger(text: String) { #expect(Amounts.leadingInteger(text) == nil) }

  @Test(
    "Sizes",
    arguments: [
      ("1", 1), ("1b", 1), ("3B", 3), ("2k", 2048), ("2K", 2048), ("1m", 1 << 20),
      ("256M", 256 << 20), ("1g", 1 << 30), ("1.5g", 1 << 30), ("0x1b", 27),
      ("9999999999999g", .max), ("-9999999999999g", .min),
    ] as [(String, Int64)])
  func size(text: String, bytes: Int64) throws { #expect(try Amounts.size(text) == bytes) }

  @Test(
    "Times",
    arguments: [
      ("5", 5), ("5s", 5), ("2m", 120), ("2M", 120), ("1h", 3600), ("1D", 86400),
      ("1y", 31_536_000),
    ] as [(String, Int64)])
  func seconds(text: String, value: Int64) throws {
    #expect(try Amounts.seconds(text) == value)
  }

  @Test(
    "Refused sizes say why",
    arguments: [
      ("", "invalid string"), ("1Q", "unrecognized suffix: Q"), ("1s", "unrecognized suffix: s"),
      ("abc", "unrecognized suffix: c"), ("2 ", "unrecognized suffix:  "),
      ("K", "invalid number: K"), ("x1", "invalid number: x1"), ("1é", "unrecognized suffix: é"),
    ])
  func refused(text: String, reason: String) {
    let error = #expect(throws: Amounts.Refused.self) { try Amounts.size(text) }
    #expect(error?.text == reason)
  }

  @Test("Percentages", arguments: [("80%", 80), ("12.5%", 12.5), ("150%", 150)])
  func percent(text: String, value: Double) throws { #expect(try Amounts.percent(text) == value) }

  @Test("No percent sign, no percentage") func plain() throws {
    #expect(try Amounts.percent("80") == nil)
  }

  @Test(
    "Refused percentages",
    arguments: ["%", "0%", "-1%", "nan%", "inf%", "1e3%", "0x8%", "1.2.3%", "99999999%", " 8%"])
  func badPercent(text: String) {
    #expect(throws: Amounts.Refused.self) { try Amounts.percent(text) }
  }

  @Test(
    "Durations, in nanoseconds",
    arguments: [
      ("1", 1_000_000_000), ("0.25", 250_000_000), ("100ms", 100_000_000), ("2s", 2_000_000_000),
      ("1m", 60_000_000_000), ("1h", 3_600_000_000_000),
    ] as [(String, UInt64)])
  func duration(text: String, nanoseconds: UInt64) throws {
    #expect(try Amounts.duration(text) == nanoseconds)
  }

  @Test("Refused durations", arguments: ["", "0", "0.1ms", "-1", "ms", "1d", "nan", "9999999h"])
  func badDuration(text: String) {
    #expect(throws: Amounts.Refused.self) { try Amounts.duration(text) }
  }

  @Test(
    "Fixed decimals",
    arguments: [
      (1.005, 0, "1"), (1.25, 1, "1.3"), (0.05, 2, "0.05"), (-2.5, 2, "-2.50"),
      (99.999, 2, "100.00"), (0, 3, "0.000"), (.nan, 2, "-"), (.infinity, 2, "-"),
    ] as [(Double, Int, String)])
  func decimals(value: Double, count: Int, text: String) { #expect(fixed(value, count) == text) }
}
