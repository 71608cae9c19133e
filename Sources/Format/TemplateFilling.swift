extension Template {
  static func fill(
    _ nodes: [Node], _ dot: Value, _ variables: [String: Value], _ output: inout String
  ) throws(FormatError) {
    for node in nodes {
      switch node {
      case .text(let text): output += text
      case .show(let pipeline): output += try evaluate(pipeline, dot, variables).text
      case .choice(let pipeline, let body, let otherwise, let setsDot):
        let value = try evaluate(pipeline, dot, variables)
        if value.isTrue {
          try fill(body, setsDot ? value : dot, variables, &output)
        } else {
          try fill(otherwise, dot, variables, &output)
        }
      case .range(let pipeline, let names, let body, let otherwise):
        let entries = try entries(of: evaluate(pipeline, dot, variables))
        if entries.isEmpty { try fill(otherwise, dot, variables, &output) }
        for (key, value) in entries {
          var inner = variables
          if names.count == 2 { inner[names[0]] = key }
          if let last = names.last { inner[last] = value }
          try fill(body, value, inner, &output)
        }
      }
    }
  }

  private static func entries(of value: Value) throws(FormatError) -> [(Value, Value)] {
    switch value {
    case .list(let list): return list.enumerated().map { (.number(Int64($0.offset)), $0.element) }
    case .object(let members): return members.map { (.string($0.key), $0.value) }
    case .null: return []
    default: throw FormatError(message: "range can't iterate over \(value.text)")
    }
  }

  private static func evaluate(
    _ pipeline: Pipeline, _ dot: Value, _ variables: [String: Value]
  ) throws(FormatError) -> Value {
    var last: Value?
    for call in pipeline {
      // `.Label "x"`: a method in Go, here a member of what the field has.
      if call.count == 2, last == nil, case .field(let path) = call[0],
        case .literal(let key) = call[1]
      {
        last = try look(dot, path)[key.text] ?? .string("")
        continue
      }
      var values = [Value]()
      for term in call {
        switch term {
        case .field(let path): values.append(try look(dot, path))
        case .variable(let name, let path):
          guard let value = variables[name] else {
            throw FormatError(message: "undefined variable \"$\(name)\"")
          }
          values.append(try look(value, path))
        case .literal(let value): values.append(value)
        case .group(let inner, let path):
          values.append(try look(evaluate(inner, dot, variables), path))
        case .function: break
        }
      }
      if let last { values.append(last) }
      if case .function(let name)? = call.first {
        last = try apply(name, values)
      } else {
        guard values.count == 1 else {
          throw FormatError(message: "can't give argument to non-function")
        }
        last = values[0]
      }
    }
    return last ?? .null
  }

  private static func look(_ value: Value, _ path: [String]) throws(FormatError) -> Value {
    var value = value
    for key in path {
      guard let inner = value[key] else {
        // As Go: a field of nothing is nothing, one that there is not is a mistake.
        if case .null = value { return .null }
        throw FormatError(
          message: "template: :1: executing \"\" at <.\(path.joined(separator: "."))>: "
            + "can't evaluate field \(key)")
      }
      value = inner
    }
    return value
  }

  private static func apply(_ name: String, _ values: [Value]) throws(FormatError) -> Value {
    func need(_ count: Int) throws(FormatError) {
      guard values.count == count else {
        throw FormatError(
          message: "wrong number of args for \(name): want \(count) got \(values.count)")
      }
    }
    switch name {
    case "json":
      try need(1)
      return .string(values[0].json())
    case "len":
      try need(1)
      switch values[0] {
      case .list(let list): return .number(Int64(list.count))
      case .object(let members): return .number(Int64(members.count))
      default: return .number(Int64(values[0].text.utf8.count))
      }
    case "upper", "lower", "title":
      try need(1)
      let text = values[0].text
      if name == "upper" { return .string(text.uppercased()) }
      if name == "lower" { return .string(text.lowercased()) }
      return .string(text.prefix(1).uppercased() + text.dropFirst())
    case "join":
      try need(2)
      guard case .list(let list) = values[0] else {
        throw FormatError(message: "join wants a list")
      }
      return .string(list.map { $0.text }.joined(separator: values[1].text))
    case "index":
      var value = values.first ?? .null
      for key in values.dropFirst() {
        if case .list(let list) = value, case .number(let place) = key {
          guard list.indices.contains(Int(place)) else {
            throw FormatError(message: "error calling index: index out of range: \(place)")
          }
          value = list[Int(place)]
        } else {
          value = value[key.text] ?? .string("")
        }
      }
      return value
    case "print": return .string(values.map { $0.text }.joined())
    case "println": return .string(values.map { $0.text }.joined(separator: " ") + "\n")
    case "not":
      try need(1)
      return .bool(!values[0].isTrue)
    case "eq":
      try need(2)
      return .bool(values[0].text == values[1].text)
    case "ne":
      try need(2)
      return .bool(values[0].text != values[1].text)
    default: throw FormatError(message: "template: :1: function \"\(name)\" not defined")
    }
  }
}
