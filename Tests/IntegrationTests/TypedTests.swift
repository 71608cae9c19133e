import Linux
import Testing

/// More of what people who know Docker's command line expect of ours.
extension TypedTests {
  @Test("Flags: values of those that have none, and the one that was meant")
  func flags() throws {
    try type([
      ("drydock run --rm=true -i=false --tty=false busybox echo -n=true", 0, "-n=true"),
      ("drydock run --rm=false --name kept busybox true", 0, ""), ("drydock rm kept", 0, "kept"),
      ("drydock run --sig-proxy=false --rm busybox echo fine", 0, "fine"),
      ("drydock run --sig-proxy --rm busybox echo fine", 0, "fine"),
      ("drydock run --rm --memroy 6m busybox", 125, "unknown flag: --memroy"),
      ("drydock run --rm --memroy=6m busybox", 125, "Did you mean --memory?"),
      ("drydock exec --privleged x true", 125, "Did you mean --privileged?"),
      ("drydock rm --froce x", 125, "unknown flag: --froce\n  Did you mean --force?"),
      ("drydock ps --colour", 125, "See 'drydock ps --help'."),
      ("drydock volume prune --al", 125, "See 'drydock volume prune --help'."),
      ("drydock ps -z", 125, "unknown shorthand flag: 'z' in -z"),
      ("drydock ps --no-trunc=false --all=1", 0, "CONTAINER ID"),
    ])
  }

  @Test("Signals: by which one, and how long it has")
  func signals() throws {
    let waits = "trap 'echo hup' HUP; trap 'exit 3' USR1; echo up; while :; do sleep 0.05; done"
    try type([
      ("drydock run -d --name sig busybox sh -c \"\(waits)\"", 0, ""),
      ("for i in $(seq 100); do drydock logs sig | grep -q up && break; sleep 0.1; done", 0, ""),
      (
        "drydock kill -s SIGHUP sig && drydock kill -s hup sig && drydock kill --signal=1 sig", 0,
        "sig"
      ),
      ("for i in $(seq 100); do drydock logs sig | grep -q hup && break; sleep 0.1; done", 0, ""),
      ("drydock logs sig", 0, "hup"), ("drydock kill -s NONE sig", 1, "Invalid signal: NONE"),
      ("drydock stop --signal USR1 --timeout 30 sig", 0, "sig"),
      ("drydock inspect -f '{{.State.ExitCode}} {{.Config.StopSignal}}' sig", 0, "3 SIGTERM"),
      ("drydock run -d --name att busybox sh -c 'sleep 1; echo late; exit 6'", 0, ""),
      ("drydock attach --no-stdin --sig-proxy=false att", 6, "late"), ("drydock rm att", 0, ""),
      ("drydock start sig && drydock restart -s KILL -t 5 sig", 0, "sig"),
      ("drydock inspect -f '{{.State.Status}}' sig", 0, "running"), ("drydock rm -f sig", 0, "sig"),
    ])
  }

  @Test("Lists: columns, filters, sizes")
  func lists() throws {
    try type([
      ("drydock create --name web1 -l tier=front -l a=b -v data:/data busybox", 0, ""),
      ("drydock create --name web2 --network host busybox", 0, ""),
      ("drydock ps -a --format '{{.Names}} {{.Label \"tier\"}}.'", 0, "web1 front."),
      (
        "drydock ps -a --format '{{.Names}} {{.Mounts}} {{.LocalVolumes}} {{.Networks}}'", 0,
        "web1 data 1 none"
      ),
      ("drydock ps -a --format json", 0, "\"Networks\":\"host\""),
      ("drydock ps -aq -f volume=data | wc -l", 0, "1"),
      ("drydock ps -aq -f volume=/data | wc -l", 0, "1"),
      ("drydock ps -aq -f network=host | wc -l", 0, "1"),
      ("drydock ps -aq -f name=^web | wc -l", 0, "2"),
      ("drydock ps -aq -f 'name=^/web2$' | wc -l", 0, "1"),
      ("drydock ps -aq -f 'name=b1$' | wc -l", 0, "1"),
      ("drydock ps -aq -f name=^b1 | wc -l", 0, "0"),
      ("drydock ps -a -f 'name=['", 1, "invalid filter 'name=['"),
      ("drydock ps -as", 0, "(virtual "), ("drydock ps -a --format '{{.Size}}'", 0, "(virtual "),
      ("drydock inspect --size -f '{{.SizeRw}} {{.SizeRootFs}}' web1", 0, ""),
      ("drydock inspect --type volume -f '{{.Name}}' data", 0, "data"),
      ("drydock inspect --type container data", 1, "No such container: data"),
      ("drydock images -q -f label=none | wc -l", 0, "0"),
      ("drydock image inspect -f '{{index .RepoDigests 0}}' busybox", 0, "busybox@sha256:"),
      ("drydock rm web1 web2", 0, "web2"),
    ])
  }

  @Test("What the image says of how it ends, and what ps and top are asked")
  func imageSettings() throws {
    try type([
      (
        "drydock create --name base busybox && drydock commit -c 'STOPSIGNAL USR1' base ends", 0, ""
      ),
      (
        "drydock run -d --name ends ends sh -c 'trap \"exit 4\" USR1; echo up; while :; do sleep 0.1; done'",
        0, ""
      ),
      (
        "echo A=file > env; drydock exec -w /tmp -u 1234:5 -e B=c --env-file env ends "
          + "sh -c 'echo $(pwd) $(id -u) $(id -g) $A$B'", 0, "/tmp 1234 5 filec"
      ),
      ("drydock logs --details --until 1m ends; drydock logs -f --until 0 ends", 0, ""),
      ("drydock logs --details ends", 0, " up"),
      ("drydock top ends -eo pid,comm", 0, "PID COMMAND"), ("drydock top ends -o comm", 1, "PID"),
      ("drydock stats --no-stream --no-trunc --format '{{.Name}} {{.PIDs}}' ends", 0, "ends "),
      ("for i in $(seq 100); do drydock logs ends | grep -q up && break; sleep 0.1; done", 0, ""),
      ("drydock stop -t 20 ends", 0, "ends"),
      ("drydock inspect -f '{{.State.ExitCode}} {{.Config.StopSignal}}' ends", 0, "4 SIGUSR1"),
      ("drydock rm ends base && drydock rmi ends", 0, "Untagged: ends:latest"),
    ])
  }

  @Test("What takes room, and what is removed")
  func room() throws {
    try type([
      ("drydock run --name old -l keep=no -v /anonymous -v named:/n busybox touch /n/x", 0, ""),
      ("drydock create --name young -l keep=yes busybox", 0, ""),
      ("drydock tag busybox spare:1", 0, ""),
      ("drydock system df", 0, "Local Volumes   2"),
      ("drydock system df -v", 0, "Containers space usage:"),
      ("drydock system df -v", 0, "Build cache usage: 0B"),
      ("drydock container prune -f --filter colour=red", 1, "invalid filter 'colour'"),
      ("drydock container prune -f --filter until=1h", 0, "Total reclaimed space: 0B"),
      ("drydock container prune -f --filter label!=keep=yes", 0, "Deleted Containers:"),
      ("drydock ps -a --format '{{.Names}}'", 0, "young"),
      ("echo n | drydock system prune --volumes", 0, "all anonymous volumes not used"),
      ("drydock system prune -f --filter label=keep=no", 0, "Total reclaimed space: 0B"),
      ("drydock system prune -f --volumes --filter until=1h", 1, "is not supported"),
      ("drydock volume ls -q | wc -l", 0, "2"),
      ("drydock system prune -f --volumes", 0, "Deleted Volumes:"),
      ("drydock volume ls -q", 0, "named"), ("drydock images -q spare | wc -l", 0, "1"),
      ("drydock image prune -af --filter label=none", 0, "Total reclaimed space: 0B"),
      ("drydock image prune -af --filter until=1h", 0, "spare:1"),
      ("drydock volume prune -af --filter label=x", 0, "Total reclaimed space: 0B"),
      ("drydock volume prune -f --filter all=1", 0, "named"),
      ("drydock system prune -af", 0, "Total reclaimed space"),
      ("drydock ps -aq | wc -l; drydock images -q | wc -l", 0, "0\n0"),
    ])
  }

  @Test("What inspect tells of how it was to be run")
  func hostConfig() throws {
    let flags =
      "-v /tmp:/t:ro -v named:/n -m 64m --cpus 0.5 --restart on-failure:3 --ulimit nofile=512:1024 "
      + "--device /dev/null:/dev/nothing:r --cap-add net_admin --cap-drop chown --privileged=false "
      + "--tmpfs /scratch:size=1m --dns 10.0.0.1 --add-host db:10.0.0.2 --shm-size 1m --init "
      + "--log-opt max-size=10k --security-opt no-new-privileges --entrypoint echo -u 1:2 "
      + "--blkio-weight 0 --cpuset-cpus 0 --pids-limit 50 --read-only --health-cmd true"
    let shows = "drydock inspect -f '{{json .HostConfig}} {{json .Config}}' hc"
    try type([("drydock create --name hc \(flags) busybox one two", 0, "")])
    // All of it in one look: each of these must be in there.
    let said = try drydock.run(["inspect", "-f", "{{json .HostConfig}} {{json .Config}}", "hc"])
    for expected in [
      #""Binds":["/tmp:/t:ro","named:/n"]"#, #""Memory":67108864,"NanoCpus":500000000,"#,
      #""CpuQuota":0,"#, #""RestartPolicy":{"Name":"on-failure","MaximumRetryCount":3}"#,
      #""Ulimits":[{"Name":"nofile","Hard":1024,"Soft":512}]"#,
      #"{"PathOnHost":"/dev/null","PathInContainer":"/dev/nothing","CgroupPermissions":"r"}"#,
      #""CapAdd":["net_admin"],"CapDrop":["chown"]"#, #""Privileged":false"#,
      #""Tmpfs":{"/scratch":"size=1m"}"#, #""Dns":["10.0.0.1"]"#, #""ShmSize":1048576"#,
      #""ExtraHosts":["db:10.0.0.2"]"#, #""Init":true"#,
      #""LogConfig":{"Type":"json-file","Config":{"max-size":"10k"}}"#,
      #""SecurityOpt":["no-new-privileges"]"#, #""PortBindings":{}"#, #""NetworkMode":"none""#,
      #""PidsLimit":50"#, #""ReadonlyRootfs":true"#, #""Entrypoint":["echo"]"#,
      #""Cmd":["one","two"]"#, #""User":"1:2""#, #""Test":["CMD-SHELL","true"]"#,
    ] { #expect(said.output.contains(expected), "\(said.output)\(said.error)") }
    try type([
      ("drydock update --cpu-quota 20000 hc && \(shows)", 0, #""CpuQuota":20000"#),
      (shows, 0, #""NanoCpus":0"#),
      ("drydock update --cpus 1 hc && \(shows)", 0, #""NanoCpus":1000000000"#),
      ("drydock update --cpus 1 --cpu-quota 5 hc", 1, "Conflicting options: Nano CPUs"),
      ("drydock rm -v hc", 0, "hc"), ("drydock volume rm named", 0, "named"),
    ])
  }

  @Test(
    "cp: streams, links, attributes, volumes of one that does not live", arguments: [true, false])
  func copies(isRunning: Bool) throws {
    let state = isRunning ? "drydock start cp" : "true"
    try type([
      ("mkdir -p in/deep; echo one > in/deep/one; ln -s one in/deep/to; echo out > secret", 0, ""),
      ("chown 7:8 in/deep/one; chmod 4750 in/deep/one", 0, ""),
      ("drydock create --name cp -v data:/data -v $PWD/host:/host:ro busybox sleep 100", 0, ""),
      ("echo two > two; drydock cp two cp:/etc/two && \(state)", 0, ""),
      // Archives: their owners stay, and what is a whiteout in a layer is a file here.
      ("touch in/.wh.x; tar c in | drydock cp - cp:/etc", 0, ""),
      ("drydock cp cp:/etc/in - | tar tv", 0, "7/8"),
      (
        "drydock cp cp:/etc/in - | tar t | sort | tr '\\n' ' '", 0,
        "in/ in/.wh.x in/deep/ in/deep/one in/deep/to"
      ),
      ("drydock cp cp:/etc/in/deep/. - | tar t | sort | head -1", 0, "one"),
      ("tar c in | drydock cp - cp:/etc/nothing", 1, "must be a directory"),
      ("mkdir -p bad/etc; touch bad/etc/in; tar c -C bad etc | drydock cp - cp:/", 1, "directory"),
      ("echo no tar | drydock cp - cp:/etc", 1, "standard input"),
      // Links: the source itself, or what it points to under its own name.
      ("drydock cp cp:/etc/in/deep/to . && test -L to", 0, ""),
      ("rm to; drydock cp -L cp:/etc/in/deep/to . && test ! -L to && cat to", 0, "one"),
      // Owners: the caller's, or with -a its own.
      ("drydock cp cp:/etc/in/deep/one mine && stat -c '%u %a' mine", 0, "0 4750"),
      ("drydock cp -a cp:/etc/in/deep/one own && stat -c '%u %g' own", 0, "7 8"),
      // Volumes and directories of the host, through links too.
      ("drydock cp two cp:/data/two && cat ../root/volumes/data/_data/two", 0, "two"),
      (
        "ln -s /data/two link; drydock cp link cp:/etc/link; drydock cp -L cp:/etc/link - | tar xO",
        0,
        "two"
      ),
      ("drydock cp cp:/data back && cat back/two", 0, "two"),
      ("drydock cp two cp:/host/two", 1, isRunning ? "read-only" : "marked read-only"),
      ("touch host/here; drydock cp cp:/host/here . && ls here", 0, "here"),
      // A link out of it leads to its own files.
      ("ln -s $PWD/secret out; tar c out | drydock cp - cp:/etc", 0, ""),
      ("drydock cp -L cp:/etc/out stolen; ls stolen", 2, "No such file"),
      (
        "ln -s $PWD away; tar c away | drydock cp - cp:/etc; drydock cp two cp:/etc/away/secret", 1,
        ""
      ),
      (
        "mkdir away2; touch away2/secret; tar c --transform s/away2/away/ away2/secret"
          + " | drydock cp - cp:/etc", 1, "which is no directory but a link"
      ),
      ("cat secret", 0, "out"), ("drydock rm -f cp; drydock volume rm data", 0, ""),
    ])
  }

  @Test("cp keeps extended attributes")
  func attributes() throws {
    try type([
      ("drydock create --name xa busybox && touch file", 0, ""),
      (
        "setfattr -n user.note -v kept file || python3 -c \"import os; "
          + "os.setxattr('file', 'user.note', b'kept')\"", 0, ""
      ),
      ("drydock cp file xa:/etc/file && drydock cp xa:/etc/file back", 0, ""),
      (
        "getfattr -n user.note back || python3 -c \"import os; "
          + "print(os.getxattr('back', 'user.note'))\"", 0, "kept"
      ),
      ("drydock cp xa:/etc/file - | grep -c 'SCHILY.xattr.user.note=kept'", 0, "1"),
      ("drydock rm xa", 0, "xa"),
    ])
  }
}
