internal import Measure
internal import Report

/// One subject of the X-ray: what was found, the files it was read from, and what could not be
/// read.
struct Section<Content: SectionContent>: Sendable {
  /// What was found; nil when nothing could be read.
  let content: Content?
  /// The files, in the order they were read.
  let sources: [String]
  /// What is missing, and why.
  let problems: [Problem]

  init(_ body: (inout Notes) -> Content?) {
    var notes = Notes()
    content = body(&notes)
    sources = notes.sources
    problems = notes.problems
  }

  /// The section as every page shows it.
  var page: SectionPage {
    SectionPage(
      id: Content.id, title: Content.title, blocks: content?.blocks ?? [], sources: sources,
      problems: problems, json: content?.json ?? .null)
  }
}

/// What a section is about: shown as blocks, written as JSON.
protocol SectionContent: Sendable {
  /// Its key in JSON, and its place in the page.
  static var id: String { get }
  /// Its heading.
  static var title: Bilingual { get }
  /// How terminal and page show it.
  var blocks: [Block] { get }
  /// The same for machines.
  var json: JSON { get }
}

/// A piece of a section, the same for terminal and page.
enum Block: Sendable {
  /// Rows under a head; the last column takes the room that is left.
  case table(head: [Bilingual], rows: [[Bilingual]], numbers: Set<Int> = [])
  /// Names and values.
  case facts([(Bilingual, Bilingual)])
  /// A sentence.
  case note(Bilingual)
}

/// A section as a page shows it.
struct SectionPage: Sendable {
  let id: String
  let title: Bilingual
  let blocks: [Block]
  let sources: [String]
  let problems: [Problem]
  let json: JSON
}

extension JSON {
  /// A whole number.
  static func int(_ value: some BinaryInteger) -> JSON { .number("\(value)") }
  /// A whole number, or null.
  static func int(_ value: (some BinaryInteger)?) -> JSON {
    value.map { .number("\($0)") } ?? .null
  }
  /// A text, or null.
  static func text(_ value: String?) -> JSON { value.map { .string($0) } ?? .null }
  /// Texts.
  static func texts(_ values: [String]) -> JSON { .array(values.map { .string($0) }) }
}

/// Amounts as people read them.
enum Amounts {
  /// `64.0 MiB`; exact below 10 KiB.
  static func bytes(_ value: UInt64) -> String {
    guard value >= 10_240 else { return "\(value) B" }
    var amount = Double(value) / 1024
    for unit in ["KiB", "MiB", "GiB", "TiB"] {
      if amount < 1024 { return "\(Decimals.significant(amount)) \(unit)" }
      amount /= 1024
    }
    return "\(Decimals.significant(amount)) PiB"
  }

  /// `1.25 s`, from nanoseconds.
  static func seconds(_ nanoseconds: UInt64) -> String {
    nanoseconds < 1_000_000_000
      ? "\(Decimals.significant(Double(nanoseconds) / 1e6)) ms"
      : "\(Decimals.significant(Double(nanoseconds) / 1e9)) s"
  }
}
