import OCI
import Testing

/// Attributes of processes: values the kernel would refuse are refused with their path.
@Suite struct AttributeTests {
  @Test(arguments: [
    ("process.scheduler.policy", #""scheduler": {}"#),
    ("process.scheduler.policy", #""scheduler": {"policy": "SCHED_FAST"}"#),
    ("process.scheduler.nice", #""scheduler": {"policy": "SCHED_OTHER", "nice": 20}"#),
    ("process.scheduler.priority", #""scheduler": {"policy": "SCHED_FIFO"}"#),
    ("process.scheduler.priority", #""scheduler": {"policy": "SCHED_OTHER", "priority": 1}"#),
    ("process.scheduler.priority", #""scheduler": {"policy": "SCHED_RR", "priority": 100}"#),
    (
      "process.scheduler.runtime",
      #""scheduler": {"policy": "SCHED_DEADLINE", "runtime": 9000, "deadline": 8000}"#
    ),
    ("process.scheduler.runtime", #""scheduler": {"policy": "SCHED_OTHER", "runtime": 9000}"#),
    ("process.scheduler.flags[0]", #""scheduler": {"policy": "SCHED_OTHER", "flags": ["X"]}"#),
    ("process.ioPriority.class", #""ioPriority": {"priority": 1}"#),
    ("process.ioPriority.class", #""ioPriority": {"class": "IOPRIO_CLASS_NONE"}"#),
    ("process.ioPriority.priority", #""ioPriority": {"class": "IOPRIO_CLASS_BE", "priority": 8}"#),
  ])
  func processesAreJudged(path: String, member: String) {
    #expect(refusal(document(process: member))?.path == path)
  }

  @Test(arguments: [
    ("linux.personality.domain", #""personality": {"domain": "BSD"}"#),
    ("linux.personality.flags", #""personality": {"domain": "LINUX", "flags": ["X"]}"#),
    ("linux.memoryPolicy.mode", #""memoryPolicy": {"nodes": "0"}"#),
    ("linux.memoryPolicy.mode", #""memoryPolicy": {"mode": "MPOL_BEST"}"#),
    (#"linux.netDevices["a/b"]"#, #""netDevices": {"a/b": {}}"#),
    ("linux.netDevices.eth0.name", #""netDevices": {"eth0": {"name": "sixteen-letters."}}"#),
    ("linux.netDevices.eth1", #""netDevices": {"eth0": {}, "eth1": {"name": "eth0"}}"#),
    (
      "linux.seccomp.listenerPath",
      #""seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "x"}"#
    ),
    ("linux.seccomp.listenerPath", #""seccomp": {"defaultAction": "SCMP_ACT_NOTIFY"}"#),
  ])
  func linuxIsJudged(path: String, member: String) {
    #expect(refusal(document(linux: member))?.path == path)
  }

  @Test func theStateForAnAgent() throws {
    var state = State(id: "c", status: .created, bundle: "/b")
    state.pid = 7
    let text = String(decoding: state.encodeForAgent(pid: 9, metadata: nil), as: UTF8.self)
    #expect(
      text == #"{"ociVersion":"1.2.0","fds":["seccompFd"],"pid":9,"state":"#
        + #"{"ociVersion":"1.2.0","id":"c","status":"created","pid":7,"bundle":"/b"}}"#)
  }
}
