internal import Images
internal import LabKit
internal import Linux

/// diffid.sh: the digest of the plain tar in a blob.
let exercise = Assignment(
  file: "diffid.sh", task: Texts.exerciseTask,
  start: """
    #!/bin/sh
    blob=$1

    """,
  solution: """
    #!/bin/sh
    blob=$1
    echo "sha256:$(gzip -dcf "$blob" | sha256sum | cut -d' ' -f1)"

    """,
  wrong: [
    Planted(
      "takes the blob's digest", cause: "compressed",
      """
      #!/bin/sh
      echo "sha256:$(sha256sum "$1" | cut -d' ' -f1)"

      """),
    Planted(
      "thinks every layer compressed", cause: "plain",
      """
      #!/bin/sh
      echo "sha256:$(gzip -dc "$1" 2>/dev/null | sha256sum | cut -d' ' -f1)"

      """),
  ],
  hints: [
    Hint(Texts.exerciseHint1), Hint(Texts.exerciseHint2), Hint(Texts.exerciseHint3),
    Hint(Texts.hintCompressed, cause: "compressed"), Hint(Texts.hintPlain, cause: "plain"),
  ],
  judge: judgeExercise)

@Sendable private func judgeExercise(_ stage: Stage, _ script: Script) throws {
  let folder = try stage.folder("blobs")
  try File.makeDirectories("\(folder)/files")
  try File.replace(
    "\(folder)/files/name", with: Array(String(repeating: script.path, count: 100).utf8))
  // Names say nothing of what is in them, as in a store.
  let (plain, compressed) = ("\(folder)/first", "\(folder)/second")
  try stage.host(["tar", "-C", "\(folder)/files", "-cf", plain, "."], isShown: false)
  try stage.host(["sh", "-c", "gzip -n <\(plain) >\(compressed)"], isShown: false)
  let truth = try digest(plain)
  let blob = try digest(compressed)
  for (path, kind, id) in [
    (plain, Texts.kindPlain, "plain"), (compressed, Texts.kindGzip, "gzip"),
  ] {
    let seen = try stage.run(script, [path]).lines.last ?? "-"
    let (reason, cause): (Text, String?) =
      if seen == blob {
        (Texts.isBlob, "compressed")
      } else if id == "plain" {
        (Texts.wrongAnswer, "plain")
      } else {
        (Texts.wrongAnswer, nil)
      }
    stage.find(
      "diffid-\(id)", Texts.findAnswer.with("kind", kind), expected: short(truth),
      seen: short(seen), if: seen == truth, otherwise: reason, cause: cause)
  }
}

private func digest(_ path: String) throws -> String {
  Digest(of: try File.read(path)).description
}
