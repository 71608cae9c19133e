import Testing

@testable import Classroom

/// Who is in a class, as teachers' programs write it.
struct RosterTests {
  private func names(_ text: String) throws(ClassroomError) -> [String] {
    try Roster(text, called: "roster.csv").names
  }

  @Test(arguments: [
    "ana\nben\n", "name\nana\nben", "Name,email\r\nana,a@example.org\r\nben,b@example.org\r\n",
    "# spring\nana;1\n\nben;2\n", "\"ana\",\"Ana\"\n\"ben\",\"Ben\"\n",
  ])
  func namesAreTheFirstColumn(_ text: String) throws {
    #expect(try names(text) == ["ana", "ben"])
  }

  /// All that is wrong is said at once, with its line.
  @Test func everyLineThatIsWrongIsNamed() {
    let error = #expect(throws: ClassroomError.self) {
      try names("ana\nben clark\nana\n-x\n\(String(repeating: "a", count: 33))\n\u{4E2D}\n")
    }
    let text = error?.text ?? ""
    for line in [2, 3, 4, 5, 6] { #expect(text.contains("line \(line):"), "\(text)") }
    #expect(text.contains("ana is on line 1 too"))
    #expect(!text.contains("line 1:"))
  }

  @Test(arguments: ["", "\n\n", "name,email\n", "# nobody\n"])
  func anEmptyRosterNamesNobody(_ text: String) {
    #expect(throws: ClassroomError("roster.csv names nobody")) { try names(text) }
  }
}
