// How containers are connected, on one host:
//
//     host's network namespace                       container's
//     ────────────────────────                       ───────────
//     eth0 ◀─ routes, rules ─▶ bridge ◀─ veth pair ─▶ eth0
//     (the machine's own)      gateway                address, default route by the gateway
//
//     Endpoint.swift    one container's place on one network: the veth pair, its address, its routes
//     Bridge.swift      a network's bridge
//     Rules.swift       the table of nf_tables; BridgeRules.swift, PortRules.swift: what is in it
//     PublishLink.swift the process that holds a container's published ports, seen from the engine
//
// A pair belongs to the container's network namespace: when that ends the kernel takes both ends
// away (veth(4)), so nothing has to be undone for a container that dies. Rules, bridges, and names
// have owners of their own.
