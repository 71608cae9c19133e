// `--format`: the part of Go's text/template that people type.
//
//     {{.ID}} {{.State.Running}} {{.}}       a field, a field's field, the whole
//     {{json .}} {{json .Mounts}}            as JSON
//     {{len .Mounts}} {{upper .ID}} {{lower .ID}} {{title .Name}} {{join .Args " "}}
//     {{index .Config.Labels "key"}} {{index .Args 0}} {{println .ID}}
//     {{range .Mounts}}…{{else}}…{{end}}     for each of a list, or of an object's values
//     {{range $key, $value := .Labels}}{{$key}}{{end}}
//     {{if .State.Running}}…{{else}}…{{end}} {{with .Health}}…{{end}}
//     {{.Names | upper}}                     what is left of the bar is the last argument
//     {{(index .Mounts 0).Source}}           of what is in parentheses
//     {{.Label "tier"}}                      a field that is asked with an argument
//
// `\t` and `\n` outside of braces are a tab and a new line, as Docker reads them.

/// Why a template cannot be used.
public struct FormatError: Error, Equatable, Sendable {
  /// In the words of Go's package.
  public let message: String
}

/// A template that was read (TemplateParser.swift) and can be filled (TemplateFilling.swift).
public struct Template: Sendable {
  indirect enum Node: Sendable {
    case text(String)
    case show(Pipeline)
    case range(Pipeline, names: [String], [Node], otherwise: [Node])
    case choice(Pipeline, [Node], otherwise: [Node], setsDot: Bool)
  }

  /// Calls, each of which gets what the one before gave as its last argument.
  typealias Pipeline = [[Term]]

  indirect enum Term: Sendable {
    case field([String])
    case variable(String, [String])
    case literal(Value)
    case function(String)
    /// What stands in parentheses, and the fields asked of that.
    case group(Pipeline, [String])
  }

  private let nodes: [Node]

  /// Reads a template.
  ///
  /// - Throws: `FormatError` naming the place.
  public init(_ text: String) throws(FormatError) {
    var parser = try Parser(text)
    nodes = try parser.nodes(until: [])
  }

  /// Fills it.
  ///
  /// - Throws: `FormatError` naming a field that there is not.
  public func fill(_ value: Value) throws(FormatError) -> String {
    var output = ""
    try Template.fill(nodes, value, ["": value], &output)
    return output
  }

  /// The fields it shows one by one, for the header of a table.
  var fields: [String] {
    nodes.compactMap { node in
      guard case .show(let pipeline) = node else { return nil }
      for term in pipeline.joined() { if case .field(let path) = term { return path.last ?? "" } }
      return ""
    }
  }

  /// The same with names in place of the fields.
  func header(_ name: (String) -> String) -> String {
    nodes.map { node -> String in
      switch node {
      case .text(let text): return text
      case .show(let pipeline):
        for term in pipeline.joined() {
          if case .field(let path) = term { return name(path.last ?? "") }
        }
        return ""
      default: return ""
      }
    }.joined()
  }
}
