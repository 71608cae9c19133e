import Linux
import Testing

@testable import Engine

@Suite("Files of variables and labels, and the files of /etc by which names are known")
struct KeyFileTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func file(_ text: String) throws -> String {
    try File.replace(scratch.path + "/file", with: text.utf8)
    return scratch.path + "/file"
  }

  @Test("A line a variable; blanks and comments are left out; the command line counts over them")
  func environment() throws {
    var options = RunOptions(image: "busybox")
    options.environmentFiles = [try file("# all\n\n  A=1 2\nB\r\nC=x=y\n")]
    options.environment = ["A=3"]
    #expect(try KeyFiles.environment(options) == ["A=1 2", "B", "C=x=y", "A=3"])
    options.environment = []
    for (text, message) in [
      ("=x\n", "poorly formatted environment: no variable name on line '=x'"),
      ("a b=1\n", "poorly formatted environment: variable 'a b' contains whitespaces"),
    ] {
      options.environmentFiles = [try file(text)]
      #expect(refusal { _ = try KeyFiles.environment(options) }.message == message)
    }
  }

  @Test("Labels by key")
  func labels() throws {
    var options = RunOptions(image: "busybox")
    options.labelFiles = [try file("a=1\nb\n")]
    options.labels = ["a=2", "c=x=y"]
    #expect(try KeyFiles.labels(options) == ["a": "2", "b": "", "c": "x=y"])
  }

  @Test("hosts and resolv.conf of a container without networks; with some, each start writes them")
  func names() throws {
    var options = RunOptions(image: "busybox")
    options.addedHosts = ["db:10.200.0.2", "six:fe80::1"]
    options.domainname = "lab"
    options.dns = ["1.1.1.1", "::1"]
    options.dnsSearch = ["a", "b"]
    let alone = try NameFiles(options, hostname: "web", hasNetworks: false)
    #expect(alone.hostname == "web\n")
    #expect(alone.hosts.hasSuffix("10.200.0.2\tdb\nfe80::1\tsix\n127.0.1.1\tweb.lab web\n"))
    #expect(alone.resolver == "nameserver 1.1.1.1\nnameserver ::1\nsearch a b\n")
    #expect(!(try NameFiles(options, hostname: "web", hasNetworks: true).hosts.contains("db")))
  }
}
