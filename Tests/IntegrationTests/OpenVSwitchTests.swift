import Linux
import Testing

/// Two hosts whose default networks Open vSwitch makes one, as the notes do it: a switch of its own a
/// host, a GRE tunnel between the two, and the containers' bridge as one more port.
///
///     web ─ drydock0 ─ obr0 ─ gre0 ═ phy ─ cable ─ phy ═ gre0 ─ obr0 ─ drydock0 ─ cli
///     172.17.1.x       172.17.0.1    10.200.9.1   10.200.9.2    172.17.0.2      172.17.2.x
///
/// The datapath is ovs-vswitchd(8)'s own (datapath_type=netdev), which needs no kernel module.
@Suite(
  "The notes' Open vSwitch",
  .enabled(
    if: NetworkHost.isReady && File.exists("/usr/sbin/ovs-vswitchd"),
    "needs root, the executables, nftables and openvswitch-switch"))
struct OpenVSwitchTests {
  let hosts: TwoHosts
  var near: NetworkHost { hosts.near }
  var far: NetworkHost { hosts.far }

  init() throws {
    hosts = try TwoHosts(
      near: #"{"bip":"172.17.0.1/16","fixed-cidr":"172.17.1.0/24"}"#,
      far: #"{"bip":"172.17.0.2/16","fixed-cidr":"172.17.2.0/24"}"#, addressed: false)
  }

  /// Lines that begin with this have an Open vSwitch of the host's own.
  private func place(_ host: NetworkHost) -> String {
    let folder = host.scratch + "/ovs"
    return "D=\(folder); export OVS_RUNDIR=$D OVS_DBDIR=$D OVS_SYSCONFDIR=$D OVS_LOGDIR=$D; "
  }

  private func begin(on host: NetworkHost, address: String, other: String) throws {
    let place = place(host)
    let schema = "/usr/share/openvswitch/vswitch.ovsschema"
    let server = "ovsdb-server $D/conf.db --remote=punix:$D/db.sock --pidfile --detach"
    try host.type([
      (place + "mkdir $D && ovsdb-tool create $D/conf.db \(schema)", 0, ""),
      (place + "\(server) --log-file 2>$D/err", 0, ""),
      (place + "ovs-vsctl --no-wait init", 0, ""),
      (place + "ovs-vswitchd --pidfile --detach --log-file 2>$D/err", 0, ""),
      (
        place + "ovs-vsctl add-br phy -- set bridge phy datapath_type=netdev"
          + " -- add-port phy cable", 0, ""
      ), ("ip addr add \(address)/24 dev phy && ip link set phy up", 0, ""),
      (place + "ovs-vsctl add-br obr0 -- set bridge obr0 datapath_type=netdev", 0, ""),
      (
        place + "ovs-vsctl add-port obr0 gre0 -- set Interface gre0 type=gre"
          + " options:remote_ip=\(other)", 0, ""
      ),
    ])
  }

  private func end(on host: NetworkHost) throws {
    try host.type([
      (
        place(host) + "ovs-vsctl del-br obr0; ovs-vsctl del-br phy;"
          + " for p in $D/ovs-vswitchd.pid $D/ovsdb-server.pid; do read -r n <$p; kill $n;"
          + " while kill -0 $n 2>/dev/null; do sleep 0.02; done; done", 0, ""
      )
    ])
  }

  @Test("Containers of two hosts in one subnet, by a GRE tunnel")
  func twoHosts() throws {
    try begin(on: near, address: "10.200.9.1", other: "10.200.9.2")
    try begin(on: far, address: "10.200.9.2", other: "10.200.9.1")
    let serve = "sh -c 'echo it works >/tmp/index.html; exec httpd -f -p 80 -h /tmp'"
    try near.type([("drydock run -d --name web busybox \(serve)", 0, "")])
    try far.type([("drydock run -d --name cli busybox sleep 1000", 0, "")])
    for host in hosts.both {
      try host.type([
        // brctl addif docker0 obr0
        ("ip link set obr0 master $(drydock network inspect -f '{{.Bridge}}' bridge) up", 0, "")
      ])
    }
    let web = try near.said("drydock inspect -f '{{.NetworkSettings.IPAddress}}' web")
    #expect(web.hasPrefix("172.17.1."))
    #expect(
      try eventually {
        try far.type("drydock exec cli ping -c 1 -W 1 \(web)").output.contains("ttl=64")
      })
    try far.type([
      // Both are in 172.17.0.0/16: no router, and the other host's bridge answers as well.
      ("drydock exec cli ip -o addr show eth0", 0, "172.17.2."),
      ("drydock exec cli timeout 5 wget -qO- http://\(web)/", 0, "it works"),
      ("drydock exec cli ping -c 1 -W 2 172.17.0.1", 0, "1 packets received"),
      // It is the tunnel that carries them.
      (place(far) + "ovs-vsctl del-port obr0 gre0", 0, ""),
      ("drydock exec cli ping -c 1 -W 1 \(web)", 1, "0 packets received"),
    ])
    for host in hosts.both { try end(on: host) }
    try hosts.expectClean()
  }
}
