internal import LabKit
internal import Linux

/// pack.sh: a layer whose digest depends on who packs it, and when.
let broken = Assignment(
  file: "pack.sh", task: Texts.brokenTask,
  start: """
    #!/bin/sh
    dir=$1 out=$2
    tar -C "$dir" -cf "$out" .

    """,
  solution: """
    #!/bin/sh
    dir=$1 out=$2
    tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$dir" -cf "$out" .

    """,
  wrong: [
    Planted(
      "sorts, and keeps times", cause: "time",
      """
      #!/bin/sh
      tar --sort=name --owner=0 --group=0 --numeric-owner -C "$1" -cf "$2" .

      """),
    Planted(
      "fixes times, and keeps owners", cause: "owner",
      """
      #!/bin/sh
      tar --sort=name --mtime=@0 --numeric-owner -C "$1" -cf "$2" .

      """),
  ],
  hints: [
    Hint(Texts.brokenHint1), Hint(Texts.brokenHint2), Hint(Texts.brokenHint3),
    Hint(Texts.hintTime, cause: "time"), Hint(Texts.hintOwner, cause: "owner"),
  ],
  judge: judgeBroken)

@Sendable private func judgeBroken(_ stage: Stage, _ script: Script) throws {
  let folder = try stage.folder("packed")
  let make =
    "mkdir -p $1/bin && echo tool >$1/bin/tool && chmod 755 $1/bin/tool && echo text >$1/text"
  for (name, change) in [
    ("mine", ""), ("yours", " && chown -R 1000:1000 $1 && touch -d 2001-02-03 $1/text $1/bin"),
  ] {
    try stage.host(["sh", "-c", make + change, "sh", "\(folder)/\(name)"], isShown: false)
    _ = try stage.run(script, ["\(folder)/\(name)", "\(folder)/\(name).tar"])
  }
  let digests = try ["mine", "yours"].map { name in
    String(try stage.host(["sha256sum", "\(folder)/\(name).tar"], isShown: false).prefix(12))
  }
  let listings = try ["mine", "yours"].map { name in
    try stage.host(
      ["tar", "--numeric-owner", "--full-time", "-tvf", "\(folder)/\(name).tar"], isShown: false
    ).split(separator: "\n").map { $0.split(separator: " ").map { String($0) } }
  }
  // Mode, owner, size, date, time, name.
  func column(_ index: Int) -> [[String]] {
    listings.map { lines in lines.map { $0.count > 5 ? $0[index] : "" }.sorted() }
  }
  let (times, owners) = (column(4), column(1))
  let (reason, cause): (Text, String?) =
    if times[0] != times[1] || column(3)[0] != column(3)[1] {
      (Texts.timesDiffer, "time")
    } else if owners[0] != owners[1] {
      (Texts.ownersDiffer, "owner")
    } else {
      (Texts.tarsDiffer, nil)
    }
  stage.find(
    "same", Texts.findSame, expected: digests[0], seen: digests[1], if: digests[0] == digests[1],
    otherwise: reason, cause: cause)
  let seen = listings[0].map { "\($0.first ?? "") \($0.last ?? "")" }.sorted()
  let truth = [
    "-rw-r--r-- ./text", "-rwxr-xr-x ./bin/tool", "drwxr-xr-x ./", "drwxr-xr-x ./bin/",
  ]
  stage.find(
    "files", Texts.findFiles, expected: truth.joined(separator: ", "),
    seen: seen.joined(separator: ", "), if: seen == truth, otherwise: Texts.filesDiffer)
}
