// Notes/conformance.md, printed so that it cannot differ from the cases.

enum Notes {
  static var page: String {
    let cases = Cases.all
    var page = """
      # Conformance

      Printed by `Tests/conformance --notes`; a test compares.

      \(cases.count) cases, one for every MUST and SHOULD of the OCI runtime specification 1.2 that
      concerns Linux and can be shown by an experiment. They use the runtime's command line only, so
      they run against any runtime:

      ```sh
      sudo Tests/conformance                                   # ours: nothing may fail
      sudo Tests/conformance --runtime /usr/sbin/runc
      sudo Tests/conformance --runtime /usr/bin/crun --cgroup1-only
      sudo Tests/conformance --filter config/mounts --json
      ```

      crun 1.8.1 refuses the hybrid layout of cgroups; `--cgroup1-only` hides the v2 tree from it in a
      mount namespace. What cannot be tried on a machine (no such controller, no such kernel option)
      is skipped with its reason, and is no pass.

      To test the tests, `ConformanceTests` breaks a runtime in many ways, and the right cases must
      fail.

      ## What others fail

      Judged one by one: the reasons are beside the cases (`Tests/ConformanceCases/Suite/Known.swift`),
      and a case listed there that passes is a failure.

      | runtime | why | cases |
      |---|---|---|

      """
    for known in Known.all {
      let often = known.always ? "" : " (now and then)"
      let cases = known.ids.map { "`\($0)`" }.joined(separator: " ")
      page += "| \(known.runtime) | \(known.reason)\(often) | \(cases) |\n"
    }
    page += "\n## The cases\n"
    var section = ""
    for one in cases {
      let parts = one.id.split(separator: "/")
      let name = parts.dropLast().joined(separator: "/")
      if name != section {
        section = name
        page += "\n### \(name)\n\n"
      }
      page += "- `\(parts.last ?? "")` \(one.level.rawValue): \(one.text)\n"
    }
    return page
  }
}
