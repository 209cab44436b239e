import Baselines
import Glibc
import Probes
import Responses

extension Probe.Destination {
    /// As the kernel knows it; nil of a transport that is not restricted.
    init?(_ destination: Destination) {
        let transport: UInt8
        switch destination.transport {
        case nil: transport = 0
        case .tcp: transport = UInt8(IPPROTO_TCP)
        case .udp: transport = UInt8(IPPROTO_UDP)
        case .udplite: transport = UInt8(IPPROTO_UDPLITE)
        case .icmp: transport = UInt8(IPPROTO_ICMP)
        case .sctp: transport = UInt8(IPPROTO_SCTP)
        case .dccp: transport = UInt8(IPPROTO_DCCP)
        case .raw: transport = UInt8(IPPROTO_RAW)
        case .other(let number) where number < IPPROTO_RAW: transport = UInt8(number)
        default: return nil
        }
        self.init(
            address: destination.block.base.bytes, prefix: destination.block.bits, ports: destination.ports,
            transport: transport)
    }
}
