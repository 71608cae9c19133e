import Format
import Testing

@Suite struct TemplateTests {
  static let value: Value = [
    "ID": "abc", "Count": 2, "Running": true, "None": .null,
    "State": ["Running": true, "Code": 0],
    "Labels": ["a": "1", "b.c": "2"], "Mounts": [["Source": "/x"], ["Source": "/y"]],
    "Empty": [],
  ]

  @Test(arguments: [
    ("{{.ID}}", "abc"), ("{{ .ID }}-{{.Count}}", "abc-2"), ("{{.State.Running}}", "true"),
    ("{{json .State}}", #"{"Running":true,"Code":0}"#), ("{{json .ID}}", #""abc""#),
    ("{{range .Mounts}}{{.Source}};{{end}}", "/x;/y;"),
    ("{{range $k, $v := .Labels}}{{$k}}={{$v}} {{end}}", "a=1 b.c=2 "),
    ("{{range .Empty}}x{{else}}none{{end}}", "none"),
    ("{{if .State.Running}}up{{else}}down{{end}}", "up"),
    ("{{if .State.Code}}bad{{end}}ok", "ok"), ("{{if eq .ID \"abc\"}}same{{end}}", "same"),
    ("{{with .State}}{{.Code}}{{end}}", "0"), ("{{range .Mounts}}{{$.ID}}{{end}}", "abcabc"),
    ("{{index .Labels \"b.c\"}}", "2"), ("{{(index .Mounts 1)}}", "map[Source:/y]"),
    ("{{(index .Mounts 1).Source}}", "/y"), ("{{upper ((index .Mounts 0).Source)}}", "/X"),
    (#"{{eq (len .Mounts) 2}} {{print "(" .ID ")"}}"#, "true (abc)"),
    ("{{len .Mounts}}", "2"), ("{{upper .ID}}", "ABC"), ("{{.ID | upper}}", "ABC"),
    ("{{.Labels}}", "map[a:1 b.c:2]"), (#"{{.ID}}\t{{.Count}}\n"#, "abc\t2\n"),
    (#"{{.Labels "a"}}/{{.Labels "none"}}"#, "1/"), (#"{{.ID}} {{.Labels "a" | upper}}"#, "abc 1"),
    ("plain", "plain"), ("{{.None}}", "<no value>"), ("{{println .ID}}", "abc\n"),
  ])
  func fills(_ template: String, _ expected: String) throws {
    #expect(try Template(template).fill(Self.value) == expected)
  }

  @Test(arguments: [
    "{{", "{{.ID", "{{end}}", "{{if .ID}}", "{{range .Mounts}}x", "{{.Nothing}}",
    "{{.State.Nothing}}", "{{nosuch .ID}}", "{{}}", "{{\"open}}", "{{range .Count}}{{end}}",
    "{{index .Mounts 7}}", "{{.Nothing \"a\"}}", "{{(.ID}}", "{{.ID)}}", "{{()}}",
  ])
  func refuses(_ template: String) {
    #expect(throws: FormatError.self) { try Template(template).fill(Self.value) }
  }

  @Test func tables() throws {
    let columns: [Listing.Column] = [("ID", "CONTAINER ID"), ("Count", "COUNT")]
    #expect(
      try Listing.lines(nil, columns: columns, [Self.value])
        == ["CONTAINER ID   COUNT", "abc            2"])
    #expect(
      try Listing.lines("table {{.Count}}\\t{{.ID}}", columns: columns, [Self.value])
        == ["COUNT   CONTAINER ID", "2       abc"])
    #expect(try Listing.lines("{{.ID}}", columns: columns, [Self.value]) == ["abc"])
    #expect(
      try Listing.lines("json", columns: columns, [["a": "\u{1}\"é"]]) == [#"{"a":"\u0001\"é"}"#])
  }
}
