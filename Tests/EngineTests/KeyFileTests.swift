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

  @Test("hosts and resolv.conf: the host's lines, each kind replaced by what was asked for")
  func names() throws {
    var options = RunOptions(image: "busybox")
    options.addedHosts = ["db:10.200.0.2", "six:fe80::1"]
    options.domainname = "lab"
    let hosts = try NameOptions.hosts(options, hostname: "web")
    #expect(hosts.hasSuffix("127.0.1.1\tweb.lab web\n10.200.0.2\tdb\nfe80::1\tsix\n"))
    let host = "nameserver 9.9.9.9\nsearch home\noptions ndots:2\n"
    #expect(NameOptions.resolver(options, host: host) == host)
    options.dns = ["1.1.1.1", "::1"]
    options.dnsSearch = ["a", "b"]
    #expect(
      NameOptions.resolver(options, host: host)
        == "options ndots:2\nnameserver 1.1.1.1\nnameserver ::1\nsearch a b\n")
    options.dnsSearch = ["."]
    #expect(!NameOptions.resolver(options, host: host).contains("search"))
  }

  @Test(
    "Addresses",
    arguments: [
      ("1.2.3.4", true), ("1.2.3", false), ("1.2.3.256", false), ("::", true), ("fe80::1", true),
      ("1:2:3:4:5:6:7:8", true), ("1:2:3", false), ("::1::", false), ("g::", false), ("", false),
    ])
  func addresses(text: String, isOne: Bool) { #expect(NameOptions.isAddress(text) == isOne) }
}
