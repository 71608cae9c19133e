import Linux
import Testing

/// What is printed from the code into Notes must be what the code prints.
@Suite struct NotesTests {
  @Test func theTableOfStepsIsTheCataloguesOwn() throws {
    let printed = try run([Machine.binaries + "/drydock", "steps", "--markdown"]).output
    let package = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let page = try File.text(package + "/Notes/steps.md")
    #expect(page.hasSuffix(printed), "print it anew: drydock steps --markdown")
    #expect(printed.split(separator: "\n").count > 40)
  }
}
