import Baselines
import Events

/// What a resolver says: its name can be learned, written down and printed, whatever bytes it was made of.
func fuzzAnswer(_ bytes: [UInt8]) throws(Broken) {
    guard let resolution = Resolution(message: bytes) else { return }
    // A record takes 15 bytes, and none leads to two addresses.
    try Broken.unless(resolution.addresses.count * 15 <= bytes.count, "more addresses than records")
    try Broken.unless(
        isHarmless(Array(resolution.name.utf8)[...]) && resolution.name.utf8.allSatisfy { $0 > 32 && $0 < 127 },
        "a name that is no word")
    for address in resolution.addresses {
        let peer = ConnectBehaviour.Peer.ip(SocketAddress(ip: address.ip, port: 443), domain: resolution.name)
        try checkLearning(.connect(ConnectBehaviour(executable: "/a", peer: peer, transport: .tcp)))
    }
}
