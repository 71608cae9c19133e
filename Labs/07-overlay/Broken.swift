internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// commit.sh: a layer that is copied without its attributes, as `cp -r` and plain tar do.
let broken = Assignment(
  file: "commit.sh", task: Texts.brokenTask,
  start: """
    #!/bin/sh
    upper=$1 layer=$2
    cp -r "$upper/." "$layer/"

    """,
  solution: """
    #!/bin/sh
    upper=$1 layer=$2
    cp -a "$upper/." "$layer/"

    """,
  wrong: [
    Planted(
      "uses tar without attributes", cause: "opaque",
      """
      #!/bin/sh
      tar -C "$1" -cf - . | tar -C "$2" -xf -

      """),
    Planted(
      "copies files and directories only", cause: "whiteout",
      """
      #!/bin/sh
      cd "$1" || exit 1
      find . -type d ! -name . | while read -r path; do mkdir -p "$2/$path"; done
      find . -type f | while read -r path; do cp -p "$path" "$2/$path"; done

      """),
  ],
  hints: [
    Hint(Texts.brokenHint1), Hint(Texts.brokenHint2), Hint(Texts.brokenHint3),
    Hint(Texts.hintOpaque, cause: "opaque"), Hint(Texts.hintWhiteout, cause: "whiteout"),
  ],
  judge: judgeBroken)

@Sendable private func judgeBroken(_ stage: Stage, _ script: Script) throws {
  let layers = try Overlay(stage, isShown: false)
  let (layer, check) = (try stage.folder("layer"), try stage.folder("check"))
  try File.makeDirectories("\(layers.lower)/dir")
  for name in ["dir/old", "dir/older", "file"] {
    try File.replace("\(layers.lower)/\(name)", with: Array("below\n".utf8))
  }
  try layers.mount()
  var options = RunOptions(image: "busybox")
  options.volumes = ["\(layers.merged):/mnt"]
  options.command = [
    "sh", "-c", "cd /mnt && rm -r dir file && mkdir dir && echo >dir/new && echo >other",
  ]
  _ = try stage.finish(try stage.start(options))
  let truth = tree(layers.merged, "")
  try layers.unmount()

  _ = try stage.run(script, [layers.upper, layer])
  try stage.host(
    ["mount", "-t", "overlay", "lab", "-o", "ro,lowerdir=\(layer):\(layers.lower)", check],
    isShown: false)
  let seen = tree(check, "")
  try stage.host(["umount", check], isShown: false)
  // A lost whiteout first: who loses that one has most likely lost the attributes too.
  let (reason, cause): (Text, String?) =
    if seen.contains("/file") {
      (Texts.deletedFile, "whiteout")
    } else if seen.contains("/dir/old") {
      (Texts.oldFiles, "opaque")
    } else {
      (Texts.otherFiles, nil)
    }
  stage.find(
    "layer", Texts.findLayer, expected: truth.joined(separator: " "),
    seen: seen.joined(separator: " "), if: seen == truth, otherwise: reason, cause: cause)
}

/// The files below a directory, by their paths.
private func tree(_ directory: String, _ prefix: String) -> [String] {
  Kernel.list(directory).flatMap { name -> [String] in
    let path = "\(prefix)/\(name)"
    return describe("\(directory)/\(name)") == "d" ? tree("\(directory)/\(name)", path) : [path]
  }
}
