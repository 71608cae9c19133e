import OCI

/// `--hook STAGE=COMMAND`: the command is a line for the host's /bin/sh, which gets the
/// container's state on standard input (config.md, "POSIX-platform Hooks").
enum HookOptions {
  /// The hooks of config.json.
  static func hooks(_ texts: [String]) throws(EngineError) -> Hooks {
    var hooks = Hooks()
    for text in texts {
      let parts = text.split(separator: "=", maxSplits: 1).map { String($0) }
      var hook = Hook(path: "/bin/sh")
      hook.args = ["sh", "-c", parts.last ?? ""]
      hook.env = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
      switch parts.count == 2 ? parts[0] : "" {
      case "prestart": hooks.prestart.append(hook)
      case "createRuntime": hooks.createRuntime.append(hook)
      case "createContainer": hooks.createContainer.append(hook)
      case "startContainer": hooks.startContainer.append(hook)
      case "poststart": hooks.poststart.append(hook)
      case "poststop": hooks.poststop.append(hook)
      default:
        throw EngineError(
          "invalid --hook: \"\(text)\"",
          hint: "STAGE=COMMAND; the stages are prestart, createRuntime, createContainer, "
            + "startContainer, poststart and poststop.")
      }
    }
    return hooks
  }
}
