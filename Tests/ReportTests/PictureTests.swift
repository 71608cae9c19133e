import Foundation
import Linux
import Measure
import Testing

@testable import Report

/// The reports as a browser shows them.
///
/// `DRYDOCK_PICTURES=DIR` keeps the pictures to be looked at.
@Suite(.serialized, .enabled(if: Chromium.isReady, "needs Debian's chromium"))
final class PictureTests {
  private let directory: String
  private let kept: String?

  init() throws {
    kept = Processes.environment.first { $0.hasPrefix("DRYDOCK_PICTURES=") }.map {
      String($0.dropFirst(17))
    }
    directory = kept ?? "/tmp/drydock-report-pictures-\(SeededRandom.freshSeed())"
    try File.makeDirectories(directory)
  }

  deinit {
    guard kept == nil else { return }
    do { try File.removeTree(directory) } catch { Issue.record("\(error)") }
  }

  private static let english = HTMLReport(language: .en).html(SuiteFixture.document)
  private static let chinese = HTMLReport(language: .zh).html(SuiteFixture.document)

  private func page(_ language: Language) -> String {
    language == .en ? PictureTests.english : PictureTests.chinese
  }

  @Test(arguments: Language.allCases)
  func noTextLiesOnAnotherOrSticksOut(language: Language) throws {
    let complaints = try Chromium.complaints(page(language), in: directory)
    #expect(complaints == [], "\(complaints.joined(separator: "\n"))")
  }

  /// That the look itself sees what is wrong.
  @Test func whatIsWrongIsSeen() throws {
    let html = page(.en).replacingOccurrences(
      of: "</svg>",
      with: "<text x=\"700\" y=\"20\">much too far to the right</text>"
        + "<text x=\"300\" y=\"20\">one</text><text x=\"302\" y=\"20\">two</text></svg>")
    let complaints = try Chromium.complaints(html, in: directory)
    #expect(complaints.contains { $0.contains("sticks out: much too far") })
    #expect(complaints.contains { $0.contains("one on two") })
  }

  @Test func lightAndDarkAreDrawn() throws {
    var pictures: [String] = []
    // 0 is dark and 1 is light (third_party/blink/public/mojom/css/preferred_color_scheme.mojom).
    for (language, scheme) in [(Language.en, 1), (.zh, 0)] {
      let path = "\(directory)/report-\(language.rawValue).html"
      try File.replace(path, with: page(language).utf8)
      let picture = path + (scheme == 0 ? ".dark.png" : ".light.png")
      pictures.append(picture)
      try Chromium.run(
        [
          "--blink-settings=preferredColorScheme=\(scheme)", "--screenshot=" + picture,
          "file://" + path,
        ], in: directory)
    }
    let seen = try Chromium.look(at: pictures, in: directory)
    try #require(seen.count == 2)
    for one in seen { #expect(one.colours > 50 && one.ink > 0.02, "blank: \(one)") }
    #expect(seen[0].corner > 200 && seen[1].corner < 60, "light and dark: \(seen)")
  }

  /// On paper of the right size, on as many pages as the figures need.
  @Test(arguments: Language.allCases)
  func printsToA4(language: Language) throws {
    let path = "\(directory)/report-\(language.rawValue).html"
    try File.replace(path, with: page(language).utf8)
    let pdf = "\(directory)/report-\(language.rawValue).pdf"
    try Chromium.run(
      ["--no-pdf-header-footer", "--print-to-pdf=" + pdf, "file://" + path], in: directory)
    let text = String(decoding: try File.read(pdf), as: UTF8.self)
    let boxes = text.matches(of: #/MediaBox ?\[0 0 ([0-9.]+) ([0-9.]+)\]/#)
    #expect(!boxes.isEmpty)
    for box in boxes {
      // 210 mm × 297 mm, in points of 1/72 inch.
      let (width, height) = (Double(box.1) ?? 0, Double(box.2) ?? 0)
      #expect(abs(width - 595.3) < 1 && abs(height - 841.9) < 1, "\(width) × \(height)")
    }
    #expect((8...60).contains(boxes.count), "\(boxes.count) pages")
  }
}
