import Linux
import Measure
import Report
import Testing

@testable import Topology

/// The drawings, of namespaces made up.
@Suite struct DrawingTests {
  private func text(
    _ names: [String], _ language: Language = .en, width: Int = 80, isASCII: Bool = false
  ) -> String {
    let paper = Paper(language: language, width: width, isColoured: false, isASCII: isASCII)
    return TerminalDrawing(Plan(Stage.map(names)), paper).text()
  }

  @Test func golden() {
    #expect(
      text(["web"]) == """
        ┌─ host ───────────────────────────────┐
        │ net:[4026531840] · forwards          │
        │                                      │
        │ drydock0  bridge  10.200.0.1/16      │
        │  │                                   │    ┌─ web ────────────────────────────┐
        │  ├─ v10 ─────────────────────────────┼────┤ eth0  10.200.0.2/16              │
        │  │                                   │    │       fd00:200::2/64             │
        │  │                                   │    └──────────────────────────────────┘
        │  │                                   │    ┌─ VXLAN 42 · udp 4789 ────────────┐
        │  └─ vxlan42 ─────────────────────────┼────┤ → 192.168.7.2                    │
        │                                      │    └──────────────────────────────────┘
        └──────────────────────────────────────┘

        """)
  }

  @Test(arguments: [Language.en, .zh])
  func neverWiderThanThePaper(_ language: Language) {
    let long = String(repeating: "很长的容器名字", count: 12)
    let names = ["web", long, String(repeating: "x", count: 200), "e\u{301}🙂\u{1B}[31m"]
    for width in [60, 80, 100] {
      for line in text(names, language, width: width).split(separator: "\n") {
        #expect(TextWidth.columns(line) <= width, "\(line)")
        #expect(!line.contains("\u{1B}"))
      }
    }
  }

  @Test func asciiWhereItMustBe() {
    let drawing = text(["web", "db"], isASCII: true)
    #expect(drawing.unicodeScalars.allSatisfy { $0.isASCII })
    #expect(drawing.contains("+- v10 -") && drawing.contains("-> 192.168.7.2"))
  }

  @Test func linksThatAreDownShow() {
    var map = Stage.map(["web"])
    map.namespaces[1].links[0].isUp = false
    let drawing = TerminalDrawing(
      Plan(map), Paper(language: .en, width: 80, isColoured: false, isASCII: false)
    ).text()
    #expect(drawing.contains("╌") && drawing.contains("(down)"))
  }

  @Test(arguments: [0, 1, 3, 30])
  func nothingOverlapsInThePicture(_ count: Int) throws {
    let names = (0..<count).map { "container-with-a-rather-long-name-\($0)" }
    let picture = VectorDrawing(Plan(Stage.map(names)), .en).text()
    #expect(!picture.contains("<script") && !picture.contains("var(--"))
    // Cards are boxes that may not touch each other.
    let cards = picture.components(ofElement: "rect", withClass: "card")
    #expect(cards.count == count)
    for (at, one) in cards.enumerated() {
      #expect(one.x >= 0 && one.x + one.width <= 720)
      for other in cards[(at + 1)...] { #expect(!one.overlaps(other)) }
    }
  }

  @Test func everybodyIsInTheJSON() throws {
    let json = try JSON(parsing: Array(Plan(Stage.map(["web", "db"])).json.utf8))
    let spaces = try #require(json["namespaces"]?.array)
    #expect(spaces.compactMap { $0["name"]?.string } == ["host", "web", "db"])
    let links = try #require(spaces[0]["links"]?.array)
    #expect(links[1]["peer"]?["name"]?.string == "web")
    #expect(links.last?["tunnel"]?["peers"]?.array?.first?.string == "192.168.7.2")
  }

  @Test func oneNetworkOnly() throws {
    let map = Stage.map(["web", "db"])
    let limited = try #require(map.limited(toBridge: "drydock0"))
    #expect(limited.namespaces.count == 3 && limited.wires.count == 4)
    #expect(map.limited(toBridge: "v10") == nil)
  }
}

/// A box of a picture.
struct Box {
  let x: Double
  let y: Double
  let width: Double
  let height: Double

  func overlaps(_ other: Box) -> Bool {
    x < other.x + other.width && other.x < x + width && y < other.y + other.height
      && other.y < y + height
  }
}

extension String {
  /// Boxes of elements whose class begins so.
  func components(ofElement name: String, withClass style: String) -> [Box] {
    split(separator: "<").filter {
      $0.hasPrefix(name + " ")
        && ($0.contains("class=\"\(style)\"") || $0.contains("class=\"\(style) "))
    }.map { piece in
      func number(_ key: String) -> Double {
        guard let at = piece.firstRange(of: " \(key)=\"") else { return -1 }
        return Double(piece[at.upperBound...].prefix { $0 != "\"" }) ?? -1
      }
      return Box(
        x: number("x"), y: number("y"), width: number("width"), height: number("height"))
    }
  }
}
